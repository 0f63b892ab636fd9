#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# archlab validate and resolve: exit status, and what goes to which stream.
#
#   cli_test.sh ARCHLAB SOURCE_DIR SCRATCH_DIR

set -euo pipefail
archlab=$1 source=$2
rm -rf "$3" && mkdir -p "$3" && cd "$3"
good=$source/experiments/gpt_char/experiment.textproto
bad=$source/tests/spec_errors/below_range.textproto
failures=0

# expect NAME STATUS OUT ERR COMMAND...: exit status, and a line (a pattern)
# that each stream must have; '' stands for an empty stream.
expect() {
  local name=$1 want=$2 out=$3 err=$4 status=0
  shift 4
  "$@" >out 2>err || status=$?
  if [[ $status != "$want" ]] || ! has out "$out" || ! has err "$err"; then
    echo "FAILED: $name: status $status, wanted $want" && cat out err
    failures=$((failures + 1))
  fi
}
has() { if [[ -z "$2" ]]; then [[ ! -s "$1" ]]; else grep -q -- "$2" "$1"; fi; }

expect "a valid spec" 0 ": valid$" "" "$archlab" validate "$good"
expect "every shipped spec" 0 ": valid$" "" "$archlab" validate "$source"/experiments/*/experiment.textproto
expect "a bad spec" 2 "" "below_range.textproto:18:57: .*: must be at least 1 token, but is 0$" "$archlab" validate "$bad"
expect "a bad spec before a good one" 2 "gpt_char.*: valid$" ":18:57: " "$archlab" validate "$bad" "$good"
expect "overrides" 0 "; 5 steps of 3 x 64 tokens" "" \
  "$archlab" validate "$good" --set 'training.steps = 5' --set 'training.batch_sequences = 3'
expect "a bad override" 2 "" "^--set #2:1:18: training.steps: must be" \
  "$archlab" validate "$good" --set 'seed = 5' --set 'training.steps = -1'
expect "a missing file" 2 "" "^archlab: cannot read 'nowhere': No such file" "$archlab" validate nowhere
expect "no file" 2 "" "FILE is required" "$archlab" validate
expect "a resolved spec" 0 "every_steps: 500" "" "$archlab" resolve "$good"
cp out resolved.textproto
expect "a resolved spec resolves" 0 "every_steps: 500" "" "$archlab" resolve resolved.textproto
cmp out resolved.textproto || failures=$((failures + 1))
expect "a hash" 0 "^[0-9a-f]\{64\}  .*gpt_char" "" "$archlab" resolve --hash "$good"
hash=$(cut -c 1-64 out)
expect "the hash of the resolved spec" 0 "^$hash  resolved.textproto$" "" "$archlab" resolve --hash resolved.textproto
expect "resolving a bad spec" 2 "" ":18:57: " "$archlab" resolve "$bad"
cp "$source/experiments/demo/experiment.textproto" demo.textproto
expect "the demo's text is not there" 2 "" "# scripts/demo writes it" "$archlab" inspect demo.textproto
expect "a run without a name" 2 "" "--run: must not be empty" "$archlab" train "$good" --run ""
expect "a stop text that is none" 2 "" "--stop: must not be empty" "$archlab" generate nowhere --stop ""
sort=$source/experiments/sort/experiment.textproto
expect "parameters by path" 0 "^decoder[.][*][.]attention[.]q[.]weight  *3 .*trained" "" \
  "$archlab" inspect "$sort" --vocabulary 10 --parameters
expect "frozen parameters" 0 "^decoder[.]1[.].*  1 .*frozen" "" \
  "$archlab" inspect "$sort" --vocabulary 10 --parameters --set 'training.freeze = "decoder.1.*"'
expect "parameters for programs" 0 '"trained": true' "" "$archlab" inspect "$sort" --vocabulary 10 --parameters --json
expect "a pattern that fits nothing" 2 "" "archlab inspect --parameters lists them all" \
  "$archlab" inspect "$sort" --vocabulary 10 --parameters --set 'training.freeze = "decoder.9.*"'
expect "a vendor that is a C++ word" 2 "" "'class' cannot be a vendor" "$archlab" plugins new norm x here --vendor class
# waits NAME POLICY SPINS ENVIRONMENT... ARCHLAB...: how idle threads wait, as
# the OpenMP runtime says it; the last time that the program started.
waits() {
  local name=$1 want="$2 $3" found
  shift 3
  found=$(env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT OMP_DISPLAY_ENV=verbose "$@" --help 2>&1 >/dev/null |
    sed -n "s/.*\(OMP_WAIT_POLICY\|GOMP_SPINCOUNT\) = '\(.*\)'.*/\2/p" | tail -2 | paste -sd ' ')
  if [[ "$found" != "$want" ]]; then
    echo "FAILED: $name: waits as '$found', wanted '$want'"
    failures=$((failures + 1))
  fi
}

# GCC's OpenMP has a count; others only a policy.
if [[ $(env OMP_DISPLAY_ENV=verbose "$archlab" train --help 2>&1) == *GOMP_SPINCOUNT* ]]; then
  waits "training looks for work first" PASSIVE 3000 "$archlab" train
  waits "the command after an option" PASSIVE 3000 "$archlab" --plugin-path "$source" train
  mkdir train
  waits "the command is no value of an option" PASSIVE 0 "$archlab" --plugin-path train eval
  waits "generation looks longer" PASSIVE 10000 "$archlab" generate
  waits "evaluation sleeps at once" PASSIVE 0 "$archlab" eval
  waits "a policy of the user's" PASSIVE 0 OMP_WAIT_POLICY=passive "$archlab" train
  waits "the user's other policy" ACTIVE 30000000000 OMP_WAIT_POLICY=active "$archlab" train
  waits "a spin count of the user's" PASSIVE 7 GOMP_SPINCOUNT=7 "$archlab" train
fi
if [[ $(id -u) != 0 ]]; then
  cp "$good" locked.textproto && chmod 000 locked.textproto
  expect "a file without read permission" 2 "" "Permission denied" "$archlab" validate locked.textproto
fi
[[ $failures == 0 ]] && echo "cli_test: all is well"
