#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The gate: generates, formats, lints and tests, then fails if that changed any file that Git does not ignore.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# tree prints what Git would call the present state of all files, committed or not.
tree() {
  export GIT_INDEX_FILE=$PWD/.cache/verify.index
  mkdir -p .cache
  git add --all
  git write-tree
}

before=$(tree)
make generate format lint test
after=$(tree)
if [[ $before != "$after" ]]; then
  git diff --stat "$before" "$after" >&2
  echo "verify: generating or formatting changed the files above: look at them, commit them, and run make verify again" >&2
  exit 1
fi
