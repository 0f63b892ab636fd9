#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# aa_test.sh ARCHLAB SOURCE_DIR: 40 studies of one spec against itself, with
# seeds of their own for either arm. At most 5 may find a difference.
set -euo pipefail

archlab=$1 sources=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0
for i in {1..40}; do
  cat >"$work/study.textproto" <<END
name: "aa"
base: "$sources/experiments/sort/experiment.textproto"
set: "training.steps = 30"
set: "training.batch_sequences = 16"
set: "training.evaluation.every_steps = 1000"
set: "model.decoder_only.stack.group[0].repeat = 1"
arm { name: "a" }
arm { name: "b" }
pairing: UNPAIRED
seeds { count: 4 first: ${i}00 }
END
  "$archlab" study "$work/study.textproto" --folder "$work/$i" --quiet >"$work/out"
  grep -E '^b ' "$work/out"
  grep -qE '^b .*(better|worse|identical)' "$work/out" && wrong=$((wrong + 1))
  rm -rf "${work:?}/$i"
done
echo "$wrong of 40 studies found a difference where there is none"
((wrong <= 5))
