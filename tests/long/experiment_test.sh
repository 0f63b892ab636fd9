#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Trains a shipped experiment and holds its result against a bound.
#
#   experiment_test.sh ARCHLAB SOURCE_DIR SCRATCH_DIR EXPERIMENT MEASURE BOUND [FILE [SET...]]
#
# MEASURE is exact (percent of targets written exactly), accuracy (percent) or
# BLEU. FILE is data that the experiment reads; a relative one is looked for in
# ARCHLAB_TEST_DATA. Without it the test is skipped. SET: overrides for the
# evaluation, such as a test set.

set -euo pipefail
archlab=$1 source=$2 scratch=$3 experiment=$4 measure=$5 bound=$6 file=${7:-}
shift $(($# < 7 ? $# : 7))
[[ -z $file || $file == /* ]] || file=${ARCHLAB_TEST_DATA:-/nowhere}/$file
if [[ -n $file && ! -e $file ]]; then
  echo "skipped: $file is not there"
  exit 77
fi

run=$scratch/$experiment
rm -rf "$run" && mkdir -p "$scratch"
cd "${ARCHLAB_TEST_DATA:-$scratch}"  # where relative paths of data begin
"$archlab" train "$source/experiments/$experiment/experiment.textproto" --run "$run" --quiet
options=()
[[ $measure == accuracy ]] || options=(--generate)
for each; do options+=(--set "$each"); done
"$archlab" eval "$run" "${options[@]}" | tee "$run/result.txt"
value=$(sed -nE "s/^$measure .*[ ,]([0-9.]+)( %)?$/\1/p" "$run/result.txt")
awk -v value="$value" -v bound="$bound" -v measure="$measure" 'BEGIN {
  good = value != "" && value >= bound
  print measure, value (good ? " is at least " : " is below "), bound
  exit !good
}'
