// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sorting, as in minGPT's demonstration.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/synthetic.h"
#include "sort.pb.h"

namespace archlab {

class Sort final : public SyntheticDataset {
 public:
  using Config = dataset::SortConfig;

  static absl::StatusOr<std::unique_ptr<Sort>> Create(const Config& config,
                                                      const BuildContext&) {
    auto made = std::make_unique<Sort>(config);
    if (config.validation_documents() > 0) return made;
    int64_t inputs = 1;
    for (int i = 0; i < config.length() && inputs <= kMostInputs; ++i)
      inputs *= config.digits();
    if (inputs > kMostInputs)
      return FieldError(
          {Config::kValidationDocumentsFieldNumber},
          absl::StrCat("must be set: ", config.length(), " digits of ",
                       config.digits(), " have more than ", kMostInputs,
                       " inputs, too many to hold them all"));
    made->HoldOut(inputs);
    if (!made->held_out_.empty()) return made;
    return FieldError({Config::kHeldOutFieldNumber},
                      absl::StrCat("holds none of the ", inputs,
                                   " inputs out; make it larger"));
  }
  explicit Sort(const Config& config)
      : SyntheticDataset(SizesOf(config)),
        length_(config.length()),
        digits_(config.digits()) {}

  int64_t Size(Split split) const override {
    if (split == Split::kTrain || held_out_.empty())
      return SyntheticDataset::Size(split);
    return static_cast<int64_t>(held_out_.size());
  }
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    if (split == Split::kTrain || held_out_.empty())
      return SyntheticDataset::Get(split, index);
    return Of(held_out_[index]);
  }

 private:
  static constexpr int64_t kMostInputs = 1000000;

  static Document Of(std::string text) {
    Document document;
    document.target = text;
    std::sort(document.target.begin(), document.target.end());
    document.text = std::move(text);
    return document;
  }

  Document Draw(Random& random) const override {
    std::string text;
    for (int i = 0; i < length_; ++i)
      text.push_back(static_cast<char>('0' + random.Below(digits_)));
    return Of(std::move(text));
  }

  // Lists what is held out of all inputs.
  void HoldOut(int64_t inputs) {
    for (int64_t input = 0; input < inputs; ++input) {
      std::string text(length_, '0');
      int64_t rest = input;
      for (char& digit : text) {
        digit = static_cast<char>('0' + rest % digits_);
        rest /= digits_;
      }
      if (PartOf(text) == Split::kValidation)
        held_out_.push_back(std::move(text));
    }
  }

  const int length_, digits_;
  std::vector<std::string> held_out_;  // empty: drawn
};

ARCHLAB_PLUGIN(Sort)

}  // namespace archlab
