#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# planted_defect_test.sh BUILD_DIRECTORY: a study finds an attention whose one
# head is zeroed, and trains again, saying why, when that plugin's code changes.
set -euo pipefail

build=$1
sources=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1 CMAKE_PREFIX_PATH=$work/prefix CMAKE_GENERATOR=Ninja
unset ARCHLAB_PLUGIN_PATH

fail() {
  cat "$work"/*.log
  echo "FAILED: $*" >&2
  exit 1
}

# plugin HEAD: the defect, in an attention of its own.
plugin() {
  cat >"$work/zeroed/zeroed.cc" <<END
#include "archlab/attention.h"
#include "zeroed.pb.h"

namespace acme {

class Zeroed final : public archlab::Attention {
 public:
  using Config = acme::attention::ZeroedConfig;
  Zeroed(const Config&, const archlab::BuildContext&) {}
  archlab::Tensor Attend(const archlab::AttentionInput& input) const override {
    const archlab::Tensor y = input.Tiled();  // [B, H, Tq, D]
    std::vector<archlab::Tensor> heads;
    for (int h = 0; h < y.dim(1); ++h)
      heads.push_back(archlab::Slice(y, 1, h, 1) * (h == $1 ? 0.0 : 1.0));
    return archlab::Concat(heads, 1);
  }
};

ARCHLAB_PLUGIN(Zeroed)

}  // namespace acme
END
  cmake --build "$work/zeroed/build" --target plugin_attention_zeroed >"$work/build.log" 2>&1 || fail "the plugin does not build"
}

# The study; what it said in study.log.
study() {
  "$work/prefix/bin/archlab" study "$work/study.textproto" --folder "$work/study" \
    --plugin-path "$work/zeroed/build/plugins" "$@" >"$work/study.log" 2>&1 || fail "archlab study"
}

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || fail "cmake --install"
"$work/prefix/bin/archlab" plugins new attention zeroed "$work/zeroed" >"$work/new.log" 2>&1
cmake -S "$work/zeroed" -B "$work/zeroed/build" -DCMAKE_BUILD_TYPE=Release >"$work/configure.log" 2>&1 || fail "configure"
plugin 0

cat >"$work/study.textproto" <<END
name: "planted"
base: "$sources/experiments/sort/experiment.textproto"
set: "training.steps = 60"
set: "training.batch_sequences = 32"
set: "training.schedule.learning_rate = 1e-3"
set: "model.decoder_only.stack.group[0].repeat = 1"
set: "model.decoder_only.stack.group[0].block[0].attention.heads = 1"
arm { name: "dense" }
arm { name: "zeroed" set: "model.decoder_only.stack.group[0].block[0].attention.core = [attention/zeroed] {}" }
seeds { count: 5 }
END
study
grep -q 'zeroed is worse than dense' "$work/study.log" || fail "the zeroed head was not found"
grep -q 'attention/zeroed has no certificate' "$work/study.log" || fail "no word on the plugin without a certificate"

# Other code: its five runs are made again, the others kept.
plugin 1
study --accept-build
[[ $(grep -c ': done (' "$work/study.log") == 0 ]] || fail "--accept-build did not keep the runs"
study
[[ $(grep -c 'is made again: plugins changed (attention/zeroed)' "$work/study.log") == 5 ]] || fail "no word on why"
[[ $(grep -c ': done (' "$work/study.log") == 5 ]] || fail "not just its own runs were made again"
echo "the defect is found; other code trains again"
