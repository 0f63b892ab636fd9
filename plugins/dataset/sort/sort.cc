// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The target is the source, its symbols in order.

#include <algorithm>
#include <vector>

#include "archlab/synthetic.h"
#include "sort.pb.h"

namespace archlab {

class Sort final : public SyntheticDataset {
 public:
  using Config = dataset::SortConfig;

  static absl::StatusOr<std::unique_ptr<Sort>> Create(const Config& config,
                                                      const BuildContext&) {
    return CheckedSynthetic(std::make_unique<Sort>(config));
  }
  explicit Sort(const Config& config)
      : SyntheticDataset(config.seed(), config.train_documents(),
                         config.validation_documents()),
        length_(config.length()),
        symbols_(config.symbols()) {
    int64_t inputs = 1;
    for (int64_t i = 0; i < length_ && inputs <= kFewInputs; ++i)
      inputs *= symbols_;
    if (inputs > kFewInputs) return;
    for (int64_t i = 0; i < inputs; ++i) {
      std::string text;
      for (int64_t rest = i; int64_t(text.size()) < length_; rest /= symbols_)
        text += Symbol(rest % symbols_);
      if (HeldOut(text)) held_out_.push_back(text);
    }
  }

  int64_t Size(Split split) const override {
    if (split == Split::kTrain || held_out_.empty())
      return SyntheticDataset::Size(split);
    return static_cast<int64_t>(held_out_.size());
  }

  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    if (split == Split::kTrain || held_out_.empty())
      return SyntheticDataset::Get(split, index);
    Document document;
    document.text = held_out_[index];
    document.target = Sorted(document.text);
    return document;
  }

 protected:
  Document Make(Random& random) const override {
    Document document;
    document.text = Sequence(random, length_, symbols_);
    document.target = Sorted(document.text);
    return document;
  }

 private:
  static constexpr int64_t kFewInputs = 65536;

  static std::string Sorted(std::string text) {
    std::sort(text.begin(), text.end());
    return text;
  }

  const int64_t length_;
  const int symbols_;
  std::vector<std::string> held_out_;  // where all inputs are few
};

ARCHLAB_PLUGIN(Sort)

}  // namespace archlab
