// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SyntheticDataset: pairs that are made, not read: seeded, exact, with a
// held-out quarter of all inputs for validation, so that no input of one part
// ever stands in the other.

#ifndef ARCHLAB_SYNTHETIC_H_
#define ARCHLAB_SYNTHETIC_H_

#include <cstdint>
#include <memory>
#include <string>

#include "archlab/dataset.h"
#include "archlab/random.h"
#include "archlab/status.h"

namespace archlab {

class SyntheticDataset : public Dataset {
 public:
  int64_t Size(Split split) const override {
    return split == Split::kTrain ? train_documents_ : validation_documents_;
  }

  // A function of seed, part and index.
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    const bool held_out = split == Split::kValidation;
    Random random(seed_, static_cast<uint64_t>(index),
                  SiteHash(held_out ? "validation" : "train"));
    for (int i = 0; i < kTries; ++i) {
      Document document = Make(random);
      if (HeldOut(document.text) == held_out) return document;
    }
    return absl::InvalidArgumentError(
        "the task has too few different inputs to hold a quarter of them out; "
        "make them longer, or of more symbols");
  }

 protected:
  SyntheticDataset(uint64_t seed, int64_t train_documents,
                   int64_t validation_documents)
      : seed_(seed),
        train_documents_(train_documents),
        validation_documents_(validation_documents) {}

  // One pair, drawn from all inputs alike.
  virtual Document Make(Random& random) const = 0;

  // Whether an input belongs to the validation part: one in four.
  bool HeldOut(absl::string_view text) const {
    return Random(seed_, 0, SiteHash(text)).Below(4) == 0;
  }
  // Symbol i of "0123456789abc...zABC...Z".
  static char Symbol(uint64_t i) {
    constexpr char kSymbols[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return kSymbols[i];
  }
  static constexpr int kSymbols = 62;
  // `length` symbols, each one of the first `symbols`.
  static std::string Sequence(Random& random, int64_t length, int symbols) {
    std::string text;
    for (int64_t i = 0; i < length; ++i)
      text += Symbol(random.Below(static_cast<uint64_t>(symbols)));
    return text;
  }

 private:
  static constexpr int kTries = 1000;

  const uint64_t seed_;
  const int64_t train_documents_, validation_documents_;
};

// What Create of a synthetic dataset ends with.
template <class T>
absl::StatusOr<std::unique_ptr<T>> CheckedSynthetic(std::unique_ptr<T> made) {
  for (const Split split : {Split::kTrain, Split::kValidation})
    if (made->Size(split) > 0)
      ARCHLAB_RETURN_IF_ERROR(made->Get(split, 0).status());
  return made;
}

}  // namespace archlab

#endif  // ARCHLAB_SYNTHETIC_H_
