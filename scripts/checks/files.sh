# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Sourced by the checks: which files are ours. Each check takes the root of a
# tree (default: this clone) and prints one `file:line: what is wrong` a finding.

# sources ROOT NAME...: files of the tree whose names match, relative to ROOT.
sources() {
  local root=$1 expression=() name
  shift
  for name in "$@"; do expression+=(-o -name "$name"); done
  (cd "$root" && find . \( -name .git -o -path ./build -o -path ./runs \) -prune \
    -o -type f \( "${expression[@]:1}" \) -print | sed 's|^\./||' | LC_ALL=C sort)
}

# verdict NAME FINDINGS: prints the findings; false if there are any.
verdict() {
  [[ -z "$2" ]] && return 0
  printf '%s\n' "$2"
  echo "$1: $(wc -l <<<"$2") found" >&2
  return 1
}
