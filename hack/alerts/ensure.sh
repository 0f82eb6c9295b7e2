#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes sure that a Prometheus and an Alertmanager are at hand, and prints where: two lines. Those in PATH serve; else
# Debian's packages are installed, which needs root.
set -euo pipefail

say() { echo "alerts: $*" >&2; }

find_one() {
  local name
  for name in "$@"; do
    command -v "$name" && return
  done
  return 1
}

find_both() { find_one prometheus && find_one prometheus-alertmanager alertmanager; }

if ! find_both >/dev/null; then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    say "this needs the programs prometheus (2.42 or newer) and alertmanager in PATH: get them from https://prometheus.io/download"
    exit 1
  fi
  say "installing prometheus and prometheus-alertmanager"
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -q
    apt-get install -y -q --no-install-recommends prometheus prometheus-alertmanager
  } >&2
fi

prometheus=$(find_one prometheus)
version=$("$prometheus" --version 2>&1) || true
if ! [[ $version =~ version\ ([0-9]+)\.([0-9]+) ]]; then
  say "cannot tell how old $prometheus is, and the rules need 2.42 or newer: it says \"${version%%$'\n'*}\""
  exit 1
fi
if ((BASH_REMATCH[1] < 2 || (BASH_REMATCH[1] == 2 && BASH_REMATCH[2] < 42))); then
  say "$prometheus is ${BASH_REMATCH[1]}.${BASH_REMATCH[2]}, and the rules need 2.42 or newer: get it from https://prometheus.io/download"
  exit 1
fi
find_both
