// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A tokenizer for tests and benchmarks of generation: one id a letter, 'a' is
// 0. Capital letters become small ones; 'z' cannot be encoded. Every id is a
// letter: those from 26 on begin again with 'a'.

#ifndef ARCHLAB_LETTERS_FOR_TEST_H_
#define ARCHLAB_LETTERS_FOR_TEST_H_

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "archlab/tokenizer.h"

namespace archlab {

class Letters final : public Tokenizer {
 public:
  absl::Status Train(const DocumentSource&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles();
  }
  absl::Status Load(const TokenizerFiles&) override { return absl::OkStatus(); }
  int64_t VocabularySize() const override { return 11; }
  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    for (const char c : text) {
      if (c == 'z') return absl::InvalidArgumentError("no id for z");
      ids->push_back(absl::ascii_tolower(c) - 'a');
    }
    return absl::OkStatus();
  }
  std::string Bytes(int32_t id) const override {
    return std::string(1, static_cast<char>('a' + id % 26));
  }
};

}  // namespace archlab

#endif  // ARCHLAB_LETTERS_FOR_TEST_H_
