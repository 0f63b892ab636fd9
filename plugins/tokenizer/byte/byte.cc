// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Bytes as tokens: the id is the byte.
// Source: ByT5, arXiv:2105.13626, section 3 (without its special ids).

#include "archlab/tokenizer.h"
#include "byte.pb.h"

namespace archlab {

class ByteTokenizer final : public Tokenizer {
 public:
  using Config = tokenizer::ByteConfig;
  ByteTokenizer(const Config&, const BuildContext&) {}

  absl::Status Train(const DocumentSource&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles();
  }
  absl::Status Load(const TokenizerFiles& files) override {
    if (files.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "the byte tokenizer has no files, but there is '" +
        files.begin()->first +
        "': these are the files of another tokenizer; name that one in "
        "data.tokenizer");
  }

  int64_t VocabularySize() const override { return 256; }

  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    ids->reserve(ids->size() + text.size());
    for (const char c : text) ids->push_back(static_cast<uint8_t>(c));
    return absl::OkStatus();
  }

  std::string Bytes(int32_t id) const override {
    return id >= 0 && id < 256 ? std::string(1, static_cast<char>(id)) : "";
  }
};

ARCHLAB_PLUGIN(ByteTokenizer)

}  // namespace archlab
