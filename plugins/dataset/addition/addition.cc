// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Two numbers of as many digits; the target is their sum: "017+995" is "1012".

#include <string>

#include "absl/strings/str_cat.h"
#include "addition.pb.h"
#include "archlab/synthetic.h"

namespace archlab {

class Addition final : public SyntheticDataset {
 public:
  using Config = dataset::AdditionConfig;

  static absl::StatusOr<std::unique_ptr<Addition>> Create(const Config& config,
                                                          const BuildContext&) {
    return CheckedSynthetic(std::make_unique<Addition>(config));
  }
  explicit Addition(const Config& config)
      : SyntheticDataset(config.seed(), config.train_documents(),
                         config.validation_documents()),
        digits_(config.digits()) {}

 protected:
  Document Make(Random& random) const override {
    uint64_t limit = 1;
    for (int i = 0; i < digits_; ++i) limit *= 10;
    const uint64_t a = random.Below(limit), b = random.Below(limit);
    Document document;
    document.text = absl::StrCat(Padded(a), "+", Padded(b));
    document.target = absl::StrCat(a + b);
    return document;
  }

 private:
  std::string Padded(uint64_t number) const {
    const std::string text = absl::StrCat(number);
    return std::string(digits_ - text.size(), '0') + text;
  }

  const int digits_;
};

ARCHLAB_PLUGIN(Addition)

}  // namespace archlab
