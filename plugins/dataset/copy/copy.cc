// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Copying.

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/synthetic.h"
#include "copy.pb.h"

namespace archlab {

class Copy final : public SyntheticDataset {
 public:
  using Config = dataset::CopyConfig;

  static absl::StatusOr<std::unique_ptr<Copy>> Create(const Config& config,
                                                      const BuildContext&) {
    if (config.shortest() > config.length())
      return FieldError(
          {Config::kShortestFieldNumber},
          absl::StrCat("must be at most length, ", config.length(), ", but is ",
                       config.shortest()));
    return std::make_unique<Copy>(config);
  }
  explicit Copy(const Config& config)
      : SyntheticDataset(SizesOf(config)),
        longest_(config.length()),
        shortest_(config.shortest() > 0 ? config.shortest() : longest_),
        symbols_(config.symbols()) {}

 private:
  Document Draw(Random& random) const override {
    const auto length = shortest_ + static_cast<int64_t>(
                                        random.Below(longest_ - shortest_ + 1));
    Document document;
    for (int64_t i = 0; i < length; ++i)
      AppendSymbol(static_cast<int64_t>(random.Below(symbols_)),
                   &document.text);
    document.target = document.text;
    return document;
  }

  const int64_t longest_, shortest_, symbols_;
};

ARCHLAB_PLUGIN(Copy)

}  // namespace archlab
