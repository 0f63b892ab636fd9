# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# What the scripts share; sourced, from the root of the clone.

# A compiler cache that cannot write would fail every compilation.
prepare_ccache() {
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  if ! ccache --get-config cache_dir >/dev/null 2>&1 ||
    ! mkdir -p "$(ccache --get-config cache_dir)" 2>/dev/null ||
    [[ ! -w "$(ccache --get-config cache_dir)" ]]; then
    export CCACHE_DISABLE=1
  fi
}

# build PRESET [TARGET...]: configures build/PRESET and builds the targets.
build() {
  local preset=$1
  shift
  prepare_ccache
  mkdir -p build
  cmake --preset "$preset" >"build/configure-$preset.log" 2>&1 || {
    cat "build/configure-$preset.log" >&2
    return 1
  }
  cmake --build "build/$preset" ${1+--target "$@"}
}

# count_tests LOG: prints `passed failed skipped` of ctest's LastTest.log. A
# GoogleTest program counts its cases; any other test counts one.
count_tests() {
  awk '
    /^[0-9]+\/[0-9]+ Testing: / { ok = bad = skip = 0 }
    /^\[  PASSED  \] [0-9]+ test/ { ok += $4 }
    /^\[  FAILED  \] [0-9]+ test/ { bad += $4 }
    /^\[  SKIPPED \] [0-9]+ test/ { skip += $4 }
    /^Test Passed\.$/ { passed += ok || skip ? ok : 1; skipped += skip }
    /^Test Skipped\.$|^Test Not Run\.$/ { skipped += 1 }
    /^Test Failed\.$|^Test Timeout\.$|^Unable to find executable/ {
      passed += ok; failed += bad ? bad : 1; skipped += skip
    }
    END { print passed + 0, failed + 0, skipped + 0 }
  ' "$1"
}

# run_tests PRESET [CTEST_OPTION...]: runs build/PRESET's tests and sets
# PASSED, FAILED and SKIPPED.
run_tests() {
  local preset=$1 log status=0
  shift
  log=build/$preset/Testing/Temporary/LastTest.log
  rm -f "$log"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error \
    -j "$(nproc)" "$@" </dev/null || status=$?
  PASSED=0 FAILED=1 SKIPPED=0
  [[ -f "$log" ]] && read -r PASSED FAILED SKIPPED < <(count_tests "$log")
  # ctest knows of failures that leave no trace in the log.
  if ((status != 0 && FAILED == 0)); then FAILED=1; fi
}

# summary PASSED FAILED SKIPPED: the closing line.
summary() {
  if (($3 > 0)); then
    echo "$1 passed, $2 failed, $3 skipped"
  else
    echo "$1 passed, $2 failed"
  fi
}
