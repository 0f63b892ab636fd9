// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The files of a new plugin's project; see plugin_templates.h.

#include "cli/plugin_templates.h"

namespace archlab {
namespace {

constexpr char kCMake[] = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_package(archlab REQUIRED)
enable_testing()

archlab_plugin(KIND @KIND@ NAME @NAME@)
)";

constexpr char kPresets[] = R"({
  "version": 6,
  "configurePresets": [{"name": "all", "binaryDir": "${sourceDir}/build"}],
  "buildPresets": [{"name": "all", "configurePreset": "all"}],
  "testPresets": [
    {
      "name": "all",
      "configurePreset": "all",
      "output": {"outputOnFailure": true},
      "execution": {"noTestsAction": "error"}
    }
  ],
  "workflowPresets": [
    {
      "name": "all",
      "steps": [
        {"type": "configure", "name": "all"},
        {"type": "build", "name": "all"},
        {"type": "test", "name": "all"}
      ]
    }
  ]
}
)";

constexpr char kProto[] = R"(syntax = "proto2";

package @VENDOR@.@KIND@;

import "archlab/plugin.proto";

// @SUMMARY@.
// Example: `[@KIND@/@NAME@] { @CONFIG@ }`.
message @CLASS@Config {
  option (archlab.component) = {
    kind: "@KIND@"
    name: "@NAME@"
    source: "where the method comes from: a paper and its section"
    traits: { @TRAITS@ }
  };
@FIELDS@}
)";

constexpr char kCode[] = R"(// @SUMMARY@.

@INCLUDES@#include "@NAME@.pb.h"
#include "archlab/@KIND@.h"

namespace @VENDOR@ {

class @CLASS@ final : public archlab::@BASE@ {
 public:
  using Config = @VENDOR@::@KIND@::@CLASS@Config;
@BODY@};

ARCHLAB_PLUGIN(@CLASS@)

}  // namespace @VENDOR@
)";

constexpr char kTest[] = R"(#include <vector>

#include "archlab/@KIND@.h"
#include "archlab/testing.h"

namespace {

// What every component of the kind must keep, for two configs.
ARCHLAB_CONTRACT("@KIND@/@NAME@", "");
ARCHLAB_CONTRACT("@KIND@/@NAME@", "@CONFIG@");

// What this one is for.
TEST(@CLASS@Test, DoesWhatItIsFor) {
@TEST@}

}  // namespace
)";

constexpr char kSpec[] =
    R"(# A small model with @KIND@/@NAME@ in it, trained on the README beside it:
#
#   archlab train example.textproto --plugin-path build/plugins
#
# 'archlab validate' says whether it is in order.
name: "@NAME@"
question: "Does @KIND@/@NAME@ train?"
data {
  dataset { [dataset/text] { path: "README.md" } }
  tokenizer { [tokenizer/byte] {} }
  sequence_tokens: 32
}
model {
  decoder_only {
    stack {
      width: 32
      position { @SPEC_POSITION@ }
      group {
        repeat: 2
        block {
          @SPEC_SEQUENCE@
          feed_forward { @SPEC_FEED_FORWARD@ }
          norm { @SPEC_NORM@ }
        }
      }
      final_norm { @SPEC_NORM@ }
    }
  }
}
training {
  objective { [objective/causal_lm] {} }
  optimizer { [optimizer/adamw] {} }
  schedule { [schedule/constant] {} }
  steps: 20
  batch_sequences: 4
}
generation {
  sampler { @SPEC_SAMPLER@ }
}
)";

constexpr char kReadme[] = R"(# @KIND@/@NAME@

@SUMMARY@.

One command configures, builds and tests it, where archlab is installed (with
`CMAKE_PREFIX_PATH` in the environment, where that is not a system directory):

    cmake --workflow --preset all

| file | what it is |
|---|---|
| `@NAME@.proto` | the config: fields with comments, defaults and ranges |
| `@NAME@.cc` | the component |
| `@NAME@_test.cc` | the contract suite of the kind, and its own test |
| `example.textproto` | a spec that uses it |

The plugin is `build/plugins/@KIND@/@NAME@.so`. To look at it and to use it:

    archlab plugins check build/plugins/@KIND@/@NAME@.so
    archlab plugins describe @KIND@/@NAME@ --plugin-path build/plugins
    archlab train example.textproto --plugin-path build/plugins

To have archlab find it without `--plugin-path`, copy it to
`~/.local/share/archlab/plugins/@KIND@/`, or set `ARCHLAB_PLUGIN_PATH`.
)";

}  // namespace

const std::vector<FileTemplate>& ProjectFiles() {
  static const auto* files = new std::vector<FileTemplate>{
      {"CMakeLists.txt", kCMake}, {"CMakePresets.json", kPresets},
      {"@NAME@.proto", kProto},   {"@NAME@.cc", kCode},
      {"@NAME@_test.cc", kTest},  {"example.textproto", kSpec},
      {"README.md", kReadme}};
  return *files;
}

}  // namespace archlab
