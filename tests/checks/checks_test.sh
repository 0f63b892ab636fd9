#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# The checks of scripts/checks find what they are there for: each runs over a
# small tree with one fault in it, and over one without.
#
#   checks_test.sh SOURCE_DIR SCRATCH_DIR

set -euo pipefail
checks=$1/scripts/checks
rm -rf "$2" && mkdir -p "$2" && cd "$2"
failures=0

# put FILE: writes the standard input to FILE below a licence.
put() {
  mkdir -p "$(dirname "$1")"
  { printf '// SPDX-FileCopyrightText: 2026 The archlab authors\n// SPDX-License-Identifier: MIT\n' && cat; } >"$1"
}

# expect CHECK FINDING: the check over `tree` prints exactly FINDING (or
# nothing) and its status agrees. The tree is gone afterwards.
expect() {
  local check=$1 want=$2 got status=0
  got=$("$checks/$check" "$PWD/tree" 2>/dev/null) || status=$?
  if [[ "$got" != "$want" ]] || [[ $((status != 0)) -ne $([[ -n "$want" ]] && echo 1 || echo 0) ]]; then
    printf 'FAILED: %s (status %s)\n  want: %s\n  got:  %s\n' "$check" "$status" "$want" "$got"
    failures=$((failures + 1))
  fi
  rm -rf tree
}

test_layers() {
  put tree/framework/nn/a.cc <<<'#include "kernels/gemm.h"'
  expect layers ""
  put tree/framework/tensor/a.cc <<<'#include "nn/block.h"'
  expect layers 'framework/tensor/a.cc:3: tensor/ includes nn/block.h; only these may be included here: base '
  put tree/framework/base/a.cc <<<'#include "archlab/tensor.h"'
  expect layers 'framework/base/a.cc:3: base/ includes archlab/tensor.h; only these may be included here: '
  put tree/framework/include/archlab/tensor.h <<<'#include "archlab/attention.h"'
  expect layers 'framework/include/archlab/tensor.h:3: tensor/ includes archlab/attention.h; only these may be included here: base '
  put tree/framework/kernels/a.cc <<<'#include <dnnl.hpp>'
  expect layers ""
  put tree/framework/nn/a.cc <<<'#include <oneapi/dnnl/dnnl.h>'
  expect layers 'framework/nn/a.cc:3: nn/ includes oneapi/dnnl/dnnl.h; oneDNN is only for: kernels '
  put tree/framework/nn/a.cc <<<'#include "hwy/highway.h"'
  expect layers 'framework/nn/a.cc:3: nn/ includes hwy/highway.h; Highway is only for: kernels '
  put tree/framework/autograd/a.cc <<<'#include "archlab/model.pb.h"'
  expect layers 'framework/autograd/a.cc:3: autograd/ includes archlab/model.pb.h; protobuf is only for: abi registry spec model data training generation study report cli testing '
  put tree/framework/new_folder/a.cc <<<'#include <vector>'
  expect layers 'framework/new_folder/a.cc:3: folder new_folder/ is not in layers.txt'
}

test_contracts() {
  put tree/plugins/norm/x/x.proto <<<'package archlab.norm;'
  put tree/plugins/norm/x/x_test.cc <<<'ARCHLAB_CONTRACT("norm/x", "");'
  expect contracts ""
  put tree/plugins/norm/x/x.proto <<<'package archlab.norm;'
  put tree/plugins/norm/x/x_test.cc <<<'TEST(X, Works) {}'
  expect contracts 'plugins/norm/x/x.proto:1: no test in its folder has ARCHLAB_CONTRACT("norm/x", ...)'
}

test_layers_of_plugins() {
  put tree/plugins/norm/x/x.cc < <(printf '#include <cmath>\n#include "absl/types/span.h"\n#include "archlab/norm.h"\n#include "x.pb.h"\n')
  expect layers ""
  put tree/plugins/norm/x/x.cc <<<'#include "nn/block.h"'
  expect layers 'plugins/norm/x/x.cc:3: a plugin includes archlab/*.h, x.pb.h, Abseil and std; not nn/block.h'
  put tree/plugins/norm/x/x.cc <<<'#include "archlab/model.pb.h"'
  expect layers 'plugins/norm/x/x.cc:3: a plugin includes archlab/*.h, x.pb.h, Abseil and std; not archlab/model.pb.h'
  put tree/plugins/tokenizer/x/x.cc <<<'#include <nlohmann/json.hpp>'
  expect layers ""
  put tree/plugins/tokenizer/sentencepiece/x.cc <<<'#include <spawn.h>'
  expect layers ""
  put tree/plugins/tokenizer/x/x.cc <<<'#include <spawn.h>'
  expect layers 'plugins/tokenizer/x/x.cc:3: a plugin includes archlab/*.h, x.pb.h, Abseil and std; not spawn.h'
  put tree/plugins/norm/x/x.cc <<<'#include <nlohmann/json.hpp>'
  expect layers 'plugins/norm/x/x.cc:3: a plugin includes archlab/*.h, x.pb.h, Abseil and std; not nlohmann/json.hpp'
  put tree/framework/nn/a_test.cc <<<'#include "plugins/norm/x/x.h"'
  expect layers 'framework/nn/a_test.cc:3: nobody includes a plugin: plugins/norm/x/x.h'
}

# lines N TEXT: TEXT, N times.
lines() { awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) print text }'; }

test_sizes() {
  { echo 'int F() {' && lines 58 '  G();' && echo '}'; } | put tree/a.cc
  expect sizes ""
  { echo 'int F() {' && lines 59 '  G();' && echo '}'; } | put tree/a.cc
  expect sizes 'a.cc:3: a function of 61 lines; the limit is 60'
  { echo 'namespace a {' && lines 70 'int x;' && echo '}' && echo 'class B {' && lines 70 ' int F() { return 1; }' && echo '};'; } | put tree/a.cc
  expect sizes ""
  { printf 'class B {\n public:\n  B(int a,\n    int b)\n      : a_(a) {\n' && lines 56 '    for (;;) { G([] { return "}"; }); }' && printf '  }\n};\n'; } | put tree/a.cc
  expect sizes ""
  { printf 'class B {\n public:\n  B(int a,\n    int b)\n      : a_(a) {\n' && lines 57 '    for (;;) { G([] { return "}"; }); }' && printf '  }\n};\n'; } | put tree/a.cc
  expect sizes 'a.cc:5: a function of 61 lines; the limit is 60'
  { printf "void F() {\n  // }\n  /* } \n } */\n  char c = '}';\n" && lines 60 '  x(R"(})");' && echo '}'; } | put tree/a.cc
  expect sizes 'a.cc:3: a function of 66 lines; the limit is 60'
  { echo 'const int kTable[] = {' && lines 80 '    F(1), 0x1'"'"'000,' && echo '};'; } | put tree/a.cc
  expect sizes ""
  lines 498 'int x;' | put tree/a.cc
  expect sizes ""
  lines 499 'int x;' | put tree/a.cc
  expect sizes 'a.cc:501: the file has more than 500 lines'
}

test_spdx() {
  put tree/a.cc <<<'int x;'
  expect spdx ""
  mkdir -p tree && echo 'int x;' >tree/a.cc
  expect spdx 'a.cc:1: the SPDX lines of the licence are missing'
  mkdir -p tree/scripts && printf '#!/bin/bash\n# SPDX-License-Identifier: MIT\n' >tree/scripts/run
  expect spdx 'scripts/run:1: the SPDX lines of the licence are missing'
}

test_proto_comments() {
  put tree/a.proto < <(printf '// One.\nmessage A {\n  // X.\n  optional int32 x = 1 [\n    default = 1\n  ];\n  repeated int32 y = 2;  // Y.\n}\n')
  expect proto_comments ""
  put tree/a.proto < <(printf 'message A {\n  // X.\n  optional int32 x = 1;\n  optional int32 y = 2;\n}\n')
  expect proto_comments $'a.proto:3: no comment on: message A {\na.proto:6: no comment on: optional int32 y = 2;'
  put tree/a.proto < <(printf '// E.\nenum E {\n  A = 0;\n}\n')
  expect proto_comments 'a.proto:5: no comment on: A = 0;'
}

test_links() {
  mkdir -p tree/docs && echo '[a](b.md), [web](https://example.org/x), [up](../docs/b.md#part)' >tree/docs/a.md && touch tree/docs/b.md
  expect links ""
  mkdir -p tree && printf 'x\n[a](c.md)\n' >tree/a.md
  expect links 'a.md:2: leads nowhere: c.md'
}

test_header_guard() {
  local headers=tree/framework/include/archlab status
  put $headers/plugin.h <<<'#define ARCHLAB_SDK_NUMBER 7'
  put $headers/norm.h <<<'int Norm();'
  "$checks/header_guard" --fix tree 2>/dev/null
  [[ $(cut -d' ' -f1 $headers/sdk_hash.txt) == 7 ]] || { echo "FAILED: first record" && failures=$((failures + 1)); }
  put $headers/norm.h <<<'int   Norm ( ) ;  // Comment.'
  cp -r tree kept
  expect header_guard ""
  cp -r kept tree
  put $headers/norm.h <<<'int Norm(int);'
  expect header_guard 'framework/include/archlab/sdk_hash.txt:1: the SDK'"'"'s headers changed under SDK number 7; scripts/check --fix raises ARCHLAB_SDK_NUMBER and records them'
  mv kept tree
  put $headers/norm.h <<<'int Norm(int);'
  "$checks/header_guard" --fix tree 2>/dev/null
  grep -q '^#define ARCHLAB_SDK_NUMBER 8$' $headers/plugin.h || { echo "FAILED: number not raised" && failures=$((failures + 1)); }
  expect header_guard ""
}

test_layers
test_contracts
test_layers_of_plugins
test_sizes
test_spdx
test_proto_comments
test_links
test_header_guard
if ((failures > 0)); then
  echo "$failures expectations failed"
  exit 1
fi
