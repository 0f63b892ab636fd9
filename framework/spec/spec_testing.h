// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// For tests of specs: a catalogue that a new component does not change, and a
// small valid spec.

#ifndef ARCHLAB_SPEC_TESTING_H_
#define ARCHLAB_SPEC_TESTING_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "registry/catalogue.h"

namespace archlab {

// Some of the built-in plugins, by links in a folder of their own, so that
// error messages that list what is installed stay the same.
inline const Catalogue& FixedCatalogue() {
  static const std::unique_ptr<Catalogue>& catalogue = *[] {
    namespace fs = std::filesystem;
    std::string folder = testing::TempDir() + "/archlab_spec_XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    const fs::path built(ARCHLAB_PLUGINS);
    for (const char* name : {"attention/dense",
                             "attention/moe_heads",
                             "attention/sliding_window",
                             "attention/top_k",
                             "dataset/images",
                             "dataset/text",
                             "feed_forward/glu",
                             "feed_forward/mlp",
                             "feed_forward/moe",
                             "mixer/linear",
                             "norm/layer_norm",
                             "norm/rms_norm",
                             "objective/causal_lm",
                             "objective/classification",
                             "objective/masked_lm",
                             "objective/prefix_lm",
                             "objective/seq2seq",
                             "objective/span_corruption",
                             "optimizer/adamw",
                             "optimizer/sgd",
                             "position/alibi",
                             "position/learned",
                             "position/none",
                             "position/rope",
                             "position/t5_relative",
                             "router/expert_choice",
                             "router/sigmoid",
                             "router/top_k",
                             "sampler/greedy",
                             "sampler/temperature",
                             "sampler/top_k",
                             "schedule/constant",
                             "schedule/cosine",
                             "tokenizer/bpe",
                             "tokenizer/byte",
                             "tokenizer/char"}) {
      const fs::path link = fs::path(folder) / (std::string(name) + ".so");
      fs::create_directories(link.parent_path());
      fs::create_symlink(built / (std::string(name) + ".so"), link);
    }
    SearchPath path;
    path.directories = {folder};
    auto* made = new std::unique_ptr<Catalogue>(Catalogue::Scan(path));
    for (const PluginFile& file : (*made)->files())
      EXPECT_TRUE(file.status.ok()) << file.path << ": " << file.status;
    fs::remove_all(folder);  // notes have been read; nothing is loaded here
    return made;
  }();
  return *catalogue;
}

inline constexpr char kTestSpec[] = R"(name: "test"
data {
  dataset { [dataset/text] { path: "corpus.txt" } }
  tokenizer { [tokenizer/char] {} }
  sequence_tokens: 64
}
model {
  decoder_only {
    stack {
      width: 128
      position { [position/learned] {} }
      group {
        repeat: 4
        block {
          norm { [norm/layer_norm] {} }
          attention {
            heads: 4
            core { [attention/sliding_window] { window: 16 } }
          }
          feed_forward { [feed_forward/mlp] { activation: RELU } }
        }
        block {
          norm { [norm/rms_norm] {} }
          attention { heads: 8 position: false core { [attention/dense] {} } }
        }
      }
      final_norm { [norm/layer_norm] { bias: false } }
    }
  }
}
training {
  objective { [objective/causal_lm] {} }
  optimizer { [optimizer/adamw] { beta2: 0.99 } }
  schedule { [schedule/cosine] { learning_rate: 1e-3 } }
  steps: 100
}
generation {
  sampler { [sampler/temperature] { value: 0.8 } }
  sampler { [sampler/top_k] { k: 20 } }
  stop: ["\n\n", "Ende\303\244"]
}
)";

}  // namespace archlab

#endif  // ARCHLAB_SPEC_TESTING_H_
