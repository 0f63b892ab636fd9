// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Keys, each with its value, then one of the keys again: "c5a0b7a". The target
// is its value, "0".

#include <string>
#include <utility>

#include "archlab/synthetic.h"
#include "associative_recall.pb.h"

namespace archlab {

class AssociativeRecall final : public SyntheticDataset {
 public:
  using Config = dataset::AssociativeRecallConfig;

  static absl::StatusOr<std::unique_ptr<AssociativeRecall>> Create(
      const Config& config, const BuildContext&) {
    return CheckedSynthetic(std::make_unique<AssociativeRecall>(config));
  }
  explicit AssociativeRecall(const Config& config)
      : SyntheticDataset(config.seed(), config.train_documents(),
                         config.validation_documents()),
        pairs_(config.pairs()) {}

 protected:
  Document Make(Random& random) const override {
    // Keys are letters, values digits.
    std::string keys;
    for (int i = 10; i < kSymbols; ++i) keys += Symbol(i);
    Document document;
    std::string values;
    for (int i = 0; i < pairs_; ++i) {
      std::swap(keys[i], keys[i + random.Below(keys.size() - i)]);
      values += Symbol(random.Below(10));
      document.text += {keys[i], values[i]};
    }
    const uint64_t asked = random.Below(pairs_);
    document.text += keys[asked];
    document.target = std::string(1, values[asked]);
    return document;
  }

 private:
  const int pairs_;
};

ARCHLAB_PLUGIN(AssociativeRecall)

}  // namespace archlab
