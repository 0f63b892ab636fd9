// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// GPT-2's two files. vocab.json is one JSON object: token to id. merges.txt has
// a merge a line, two tokens with a space between, first learned first. In
// both, a byte is written as one printable character: printable ones of Latin-1
// as themselves, the other 68 as U+0100 and up, in order.

#ifndef ARCHLAB_TOKENIZER_BPE_GPT2_FILES_H_
#define ARCHLAB_TOKENIZER_BPE_GPT2_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "merge_table.h"
#include "named_text.h"

namespace archlab {

// Reads both. The ids must be 0 .. V-1, every byte must have one, and each
// token longer than a byte must come from a merge or look like a special one
// (<|endoftext|>, [PAD]). Errors name the file, the line and the remedy.
absl::StatusOr<Merges> ReadGpt2Files(const NamedText& vocabulary,
                                     const NamedText& merges);

std::string WriteVocabulary(const Merges& merges);  // vocab.json
std::string WriteMerges(const Merges& merges);      // merges.txt

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_GPT2_FILES_H_
