// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sums of two numbers.

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "addition.pb.h"
#include "archlab/synthetic.h"

namespace archlab {

class Addition final : public SyntheticDataset {
 public:
  using Config = dataset::AdditionConfig;
  Addition(const Config& config, const BuildContext&)
      : SyntheticDataset(SizesOf(config)),
        digits_(config.digits()),
        pad_(config.pad()),
        reverse_(config.reverse_sum()) {}

 private:
  Document Draw(Random& random) const override {
    const uint64_t a = Number(random), b = Number(random);
    Document document;
    document.text = absl::StrCat(Text(a, digits_), "+", Text(b, digits_));
    document.target = Text(a + b, digits_ + 1);
    if (reverse_) std::reverse(document.target.begin(), document.target.end());
    return document;
  }

  // A number of 1 to digits_ digits, each as likely.
  uint64_t Number(Random& random) const {
    uint64_t limit = 10;
    for (uint64_t more = random.Below(digits_); more > 0; --more) limit *= 10;
    return random.Below(limit);
  }

  std::string Text(uint64_t number, int64_t digits) const {
    std::string text = absl::StrCat(number);
    const auto missing = digits - static_cast<int64_t>(text.size());
    if (pad_ && missing > 0) text.insert(0, std::string(missing, '0'));
    return text;
  }

  const int64_t digits_;
  const bool pad_, reverse_;
};

ARCHLAB_PLUGIN(Addition)

}  // namespace archlab
