// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading vocab.json: one flat JSON object, token to id.

#ifndef ARCHLAB_TOKENIZER_BPE_VOCABULARY_JSON_H_
#define ARCHLAB_TOKENIZER_BPE_VOCABULARY_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "named_text.h"

namespace archlab {

// The tokens as they are written, in the order of their ids, which must be
// 0 .. V-1, each once.
absl::StatusOr<std::vector<std::string>> ReadVocabulary(const NamedText& file);

// The line of a token, as far as it stands there unescaped; else 1.
int64_t LineOfToken(const NamedText& file, absl::string_view token);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_VOCABULARY_JSON_H_
