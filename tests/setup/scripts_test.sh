#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# scripts/setup with pretended dpkg, apt-get and sudo, and the counting of
# tests in scripts/common.sh.
#
#   scripts_test.sh SOURCE_DIR SCRATCH_DIR

set -euo pipefail
source_dir=$1 scratch=$2
rm -rf "$scratch" && mkdir -p "$scratch/bin" && cd "$scratch"
failures=0

# expect WHAT WANT GOT
expect() {
  [[ "$2" == "$3" ]] && return
  printf 'FAILED: %s\n  want: %s\n  got:  %s\n' "$1" "$2" "$3"
  failures=$((failures + 1))
}

# pretend TOOL: a tool on the search path with the script of the standard input.
pretend() {
  { echo '#!/bin/bash' && cat; } >"bin/$1"
  chmod +x "bin/$1"
}

# run_setup ARGUMENT...: sets `status` and `said`.
run_setup() {
  rm -f apt.log
  status=0
  said=$(APT_LOG=$scratch/apt.log PATH="$scratch/bin:$PATH" "$source_dir/scripts/setup" "$@" 2>&1 </dev/null) || status=$?
}

test_setup() {
  pretend dpkg-query <<<'echo installed'
  pretend apt-get <<<'echo "$@" >>"$APT_LOG"'
  pretend sudo <<<'exit 1'
  run_setup build demo check bench
  expect "all installed: status" 0 "$status"
  expect "all installed: silent" "" "$said"

  pretend dpkg-query <<<'[[ "$*" == *libdnnl-dev* ]] || echo installed'
  if [[ $EUID -eq 0 ]]; then
    run_setup
    expect "root: status" 0 "$status"
    expect "root: installs" "install -y --no-install-recommends libdnnl-dev" \
      "$(grep -o 'install .*' apt.log)"
  else
    run_setup
    expect "not root: status" 1 "$status"
    expect "not root: line to paste" "  sudo apt-get update && sudo apt-get install -y --no-install-recommends libdnnl-dev" \
      "$(tail -1 <<<"$said")"
    pretend sudo <<<'[[ $1 == -n ]] && shift; "$@"'
    run_setup
    expect "sudo: status" 0 "$status"
    expect "sudo: installs" "install -y --no-install-recommends libdnnl-dev" "$(grep -o 'install .*' apt.log)"
  fi
  expect "the reason is given" 1 "$(grep -c 'libdnnl-dev  *oneDNN: matrix products' <<<"$said")"
  pretend dpkg-query <<<'[[ "$*" == *bible-kjv* ]] || echo installed'
  run_setup build
  expect "only the asked groups: silent" "" "$said"
  run_setup build bnech
  expect "unknown group: status" 2 "$status"
  expect "unknown group: named" "setup: there is no group 'bnech' in scripts/packages.txt" "$said"
}

test_counting() {
  cat >log <<'LOG'
1/4 Testing: a_test
[  PASSED  ] 5 tests.
[  SKIPPED ] 1 test, listed below:
Test Passed.
2/4 Testing: b_test
[  PASSED  ] 7 tests.
[  FAILED  ] 2 tests, listed below:
[  FAILED  ] B.One
 2 FAILED TESTS
Test Failed.
3/4 Testing: script
hello
Test Passed.
4/4 Testing: crash
[ RUN      ] C.One
Test Failed.
LOG
  expect "counts" "13 3 1" "$(source "$source_dir/scripts/common.sh" && count_tests log)"
  expect "summary" "13 passed, 3 failed, 1 skipped" "$(source "$source_dir/scripts/common.sh" && summary 13 3 1)"
  expect "summary without skipped" "13 passed, 0 failed" "$(source "$source_dir/scripts/common.sh" && summary 13 0 0)"
}

test_setup
test_counting
if ((failures > 0)); then
  exit 1
fi
