// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SyntheticDataset: a task whose documents are made, not read. A component says
// how to make one; sizes, seeds, and that no input is in both parts are here.

#ifndef ARCHLAB_SYNTHETIC_H_
#define ARCHLAB_SYNTHETIC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "archlab/dataset.h"
#include "archlab/random.h"
#include "archlab/utf8.h"

namespace archlab {

class SyntheticDataset : public Dataset {
 public:
  int64_t Size(Split split) const override {
    return split == Split::kTrain ? sizes_.training : sizes_.validation;
  }

  // Document `index` is a function of (seed, split, index). The hash of its
  // text decides which part it may stand in: others are drawn again.
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    constexpr int kTries = 1000;
    Random random(sizes_.seed, index,
                  SiteHash(split == Split::kTrain ? "training" : "validation"));
    for (int i = 0; i < kTries; ++i) {
      Document document = Draw(random);
      if (PartOf(document.text) == split) return document;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "there are too few different inputs to hold a part of them out: none "
        "of ",
        kTries, " was for the ",
        split == Split::kTrain ? "training" : "validation",
        " part; make the task larger"));
  }

 protected:
  struct Sizes {
    int64_t training = 0, validation = 0;  // documents
    double held_out = 0;                   // share of all possible inputs
    uint64_t seed = 0;
  };
  explicit SyntheticDataset(const Sizes& sizes) : sizes_(sizes) {}
  // Sizes of a config with the fields that all synthetic datasets have.
  template <class Config>
  static Sizes SizesOf(const Config& config) {
    return {config.training_documents(), config.validation_documents(),
            config.held_out(), static_cast<uint64_t>(config.seed())};
  }

  // Makes a document; moves `random` on.
  virtual Document Draw(Random& random) const = 0;

  // The part in which an input may stand.
  Split PartOf(absl::string_view text) const {
    // FNV's upper bits hardly depend on the last bytes; Philox mixes all.
    Random mixed(sizes_.seed, SiteHash(text), SiteHash("held out"));
    return mixed.Uniform() < sizes_.held_out ? Split::kValidation
                                             : Split::kTrain;
  }

  // Symbol `index` of an alphabet of 574 characters that are no space: digits,
  // small and capital letters, then Latin letters from U+00C0 on.
  static constexpr int kSymbols = 62 + 512;
  static void AppendSymbol(int64_t index, std::string* text) {
    static constexpr char kAscii[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (index < 62)
      text->push_back(kAscii[index]);
    else
      AppendCodePoint(static_cast<char32_t>(0xC0 + index - 62), text);
  }

 private:
  const Sizes sizes_;
};

}  // namespace archlab

#endif  // ARCHLAB_SYNTHETIC_H_
