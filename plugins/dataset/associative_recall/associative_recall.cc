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
    if (config.questions() > config.pairs())
      return FieldError({Config::kQuestionsFieldNumber},
                        absl::StrCat("must be at most pairs, ", config.pairs(),
                                     ", but is ", config.questions()));
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
        values_(config.values()),
        questions_(config.questions()) {}

 private:
  // Values are the first symbols, keys those after them.
  Document Draw(Random& random) const override {
    std::vector<int64_t> keys(keys_), pairs(pairs_), values(pairs_);
    std::iota(keys.begin(), keys.end(), values_);
    Shuffle(pairs_, random, &keys);
    for (int64_t& value : values)
      value = static_cast<int64_t>(random.Below(values_));
    std::iota(pairs.begin(), pairs.end(), 0);

    Document document;
    const auto pair = [&](int64_t i) {
      AppendSymbol(keys[i], &document.text);
      AppendSymbol(values[i], &document.text);
    };
    for (const int64_t i : pairs) pair(i);
    Shuffle(questions_, random, &pairs);
    for (int64_t q = 0; q + 1 < questions_; ++q) pair(pairs[q]);
    const int64_t asked = pairs[questions_ - 1];
    AppendSymbol(keys[asked], &document.text);
    AppendSymbol(values[asked], &document.target);
    return document;
  }

  // The first `count` of `items` become a draw without replacement.
  static void Shuffle(int64_t count, Random& random,
                      std::vector<int64_t>* items) {
    const auto size = static_cast<int64_t>(items->size());
    for (int64_t i = 0; i < count; ++i)
      std::swap((*items)[i], (*items)[i + random.Below(size - i)]);
  }

  const int64_t pairs_, keys_, values_, questions_;
};

ARCHLAB_PLUGIN(AssociativeRecall)

}  // namespace archlab
