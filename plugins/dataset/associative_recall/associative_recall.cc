// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which value belongs to the key?

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/synthetic.h"
#include "associative_recall.pb.h"

namespace archlab {

class AssociativeRecall final : public SyntheticDataset {
 public:
  using Config = dataset::AssociativeRecallConfig;

  static absl::StatusOr<std::unique_ptr<AssociativeRecall>> Create(
      const Config& config, const BuildContext&) {
    if (config.keys() < config.pairs())
      return FieldError({Config::kKeysFieldNumber},
                        absl::StrCat("must be at least pairs, ", config.pairs(),
                                     ", but is ", config.keys()));
    if (config.keys() + config.values() > kSymbols)
      return FieldError(
          {Config::kValuesFieldNumber},
          absl::StrCat("must be at most ", kSymbols - config.keys(), " beside ",
                       config.keys(), " keys, but is ", config.values()));
    return std::make_unique<AssociativeRecall>(config);
  }
  explicit AssociativeRecall(const Config& config)
      : SyntheticDataset(SizesOf(config)),
        pairs_(config.pairs()),
        keys_(config.keys()),
        values_(config.values()) {}

 private:
  // Values are the first symbols, keys those after them.
  Document Draw(Random& random) const override {
    std::vector<int64_t> keys(keys_);
    std::iota(keys.begin(), keys.end(), values_);
    std::vector<int64_t> values;
    Document document;
    for (int64_t i = 0; i < pairs_; ++i) {
      std::swap(keys[i], keys[i + random.Below(keys_ - i)]);
      values.push_back(static_cast<int64_t>(random.Below(values_)));
      AppendSymbol(keys[i], &document.text);
      AppendSymbol(values[i], &document.text);
    }
    const uint64_t asked = random.Below(pairs_);
    AppendSymbol(keys[asked], &document.text);
    AppendSymbol(values[asked], &document.target);
    return document;
  }

  const int64_t pairs_, keys_, values_;
};

ARCHLAB_PLUGIN(AssociativeRecall)

}  // namespace archlab
