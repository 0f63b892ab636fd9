// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Turning round.

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/synthetic.h"
#include "reverse.pb.h"

namespace archlab {

class Reverse final : public SyntheticDataset {
 public:
  using Config = dataset::ReverseConfig;

  static absl::StatusOr<std::unique_ptr<Reverse>> Create(const Config& config,
                                                         const BuildContext&) {
    if (config.shortest() > config.length())
      return FieldError(
          {Config::kShortestFieldNumber},
          absl::StrCat("must be at most length, ", config.length(), ", but is ",
                       config.shortest()));
    return std::make_unique<Reverse>(config);
  }
  explicit Reverse(const Config& config)
      : SyntheticDataset(SizesOf(config)),
        longest_(config.length()),
        shortest_(config.shortest() > 0 ? config.shortest() : longest_),
        symbols_(config.symbols()) {}

 private:
  Document Draw(Random& random) const override {
    const auto length = shortest_ + static_cast<int64_t>(
                                        random.Below(longest_ - shortest_ + 1));
    std::vector<int64_t> symbols;
    for (int64_t i = 0; i < length; ++i)
      symbols.push_back(static_cast<int64_t>(random.Below(symbols_)));
    Document document;
    for (int64_t i = 0; i < length; ++i) {
      AppendSymbol(symbols[i], &document.text);
      AppendSymbol(symbols[length - 1 - i], &document.target);
    }
    return document;
  }

  const int64_t longest_, shortest_, symbols_;
};

ARCHLAB_PLUGIN(Reverse)

}  // namespace archlab
