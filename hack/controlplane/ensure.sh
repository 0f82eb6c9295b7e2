#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes sure that etcd, kube-apiserver and kubectl are at hand, and prints the folder that holds them. Ready programs
# are downloaded where that is possible; else they are built from the Go modules that go.mod and etcd/go.mod pin.
# Whoever sets KUBEBUILDER_ASSETS has programs already, and keeps them.
set -euo pipefail

programs=(etcd kube-apiserver kubectl)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

say() { echo "control plane: $*" >&2; }

# complete FOLDER: whether all programs are there.
complete() {
  local program
  for program in "${programs[@]}"; do
    [[ -x $1/$program ]] || return 1
  done
}

# works FOLDER: whether all programs are there and start on this machine.
works() {
  complete "$1" && {
    "$1/etcd" --version && "$1/kube-apiserver" --version && "$1/kubectl" version --client
  } >/dev/null 2>&1
}

# download: copies ready programs of the same minor version to $new, if somebody publishes them for this machine.
download() {
  local minor=${version%.*} found
  say "looking for ready programs of Kubernetes $minor to download"
  GOBIN=$root/.cache/bin go install -C "$root/hack/tools" sigs.k8s.io/controller-runtime/tools/setup-envtest &&
    found=$("$root/.cache/bin/setup-envtest" use "${minor#v}.x" --bin-dir "$root/.cache/envtest" -p path 2>/dev/null) &&
    works "$found" &&
    cp "${programs[@]/#/$found/}" "$new"
}

# build PROGRAM PACKAGE: in the module of the current folder, with a sign of life twice a minute.
build() {
  say "building $1 …"
  local started=$SECONDS
  while sleep 30 </dev/null >/dev/null 2>&1; do
    say "still building $1: $((SECONDS - started)) s so far"
  done &
  sign_of_life=$!
  # Without inlining and debug information it takes three quarters of the time; tests and demo do not notice.
  CGO_ENABLED=0 go build -trimpath -gcflags "all=-l -dwarf=false" -ldflags "$ldflags" -o "$new/$1" "$2" >&2
  kill "$sign_of_life"
  sign_of_life=
  say "built $1 in $((SECONDS - started)) s"
}

# build_all: builds every program into $new. kubectl compares versions only if it was told its own.
build_all() {
  local numbers=${version#v} ldflags
  local minor=${numbers#*.} key=k8s.io/component-base/version
  ldflags="-s -w -X $key.gitVersion=$version -X $key.gitMajor=${numbers%%.*} -X $key.gitMinor=${minor%%.*}"
  say "nothing to download, so Kubernetes $version is built from source, once: about 10 minutes on two cores"
  cd "$here/etcd"
  build etcd go.etcd.io/etcd/server/v3
  cd "$here"
  build kubectl k8s.io/kubernetes/cmd/kubectl
  build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
}

if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
  echo "$KUBEBUILDER_ASSETS"
  exit
fi

version=$(cd "$here" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
folder=$root/.cache/controlplane/$version
if ! complete "$folder"; then
  mkdir -p "$folder"
  new=$(mktemp -d "$root/.cache/new-controlplane.XXXXXX")
  trap 'kill ${sign_of_life:-} 2>/dev/null || true; rm -rf "$new"' EXIT
  download || build_all
  works "$new" || { say "the programs do not start on this machine"; exit 1; }
  # Each move is atomic, so a second ensure.sh that runs at the same time does no harm.
  mv -f "${programs[@]/#/$new/}" "$folder"
  say "ready in $folder"
fi
touch "$folder" # Tests and demo take the folder that was asked for last.
echo "$folder"
