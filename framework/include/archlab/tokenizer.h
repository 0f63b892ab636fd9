// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tokenizer: text to ids and back.

#ifndef ARCHLAB_TOKENIZER_H_
#define ARCHLAB_TOKENIZER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "archlab/component.h"
#include "archlab/dataset.h"
#include "archlab/plugin.h"

namespace archlab {

// What a trained tokenizer consists of: file names and contents. Saved under
// tokenizer/ of a run.
using TokenizerFiles = std::map<std::string, std::string>;

// Calls the visitor once for each document of a part, in order. A tokenizer
// that learns from the validation part too says so in its documentation.
using DocumentVisitor = std::function<void(absl::string_view document)>;
using DocumentSource =
    std::function<absl::Status(Split, const DocumentVisitor&)>;

class Tokenizer : public Component {
 public:
  static constexpr char kKind[] = "tokenizer";
  static constexpr int kInterfaceRevision = 1;

  // Learns from the corpus. Called once, unless Load was; deterministic.
  virtual absl::Status Train(const DocumentSource& documents) = 0;
  // All that Load needs to make the same tokenizer.
  virtual absl::StatusOr<TokenizerFiles> Save() const = 0;
  virtual absl::Status Load(const TokenizerFiles& files) = 0;

  // Number of ids V; ids are 0 .. V-1. Valid after Train or Load.
  virtual int64_t VocabularySize() const = 0;

  // The id of a token that stands for no text, such as "[MASK]"; -1: the
  // tokenizer has none of this name. Encode never produces these.
  virtual int32_t SpecialId(absl::string_view /*name*/) const { return -1; }

  // Appends the ids of `text` to `ids`. Text that the tokenizer cannot express
  // is an error that names the first such place (byte offset, line) unless the
  // component documents a replacement.
  virtual absl::Status Encode(absl::string_view text,
                              std::vector<int32_t>* ids) const = 0;

  // The bytes of one id; they need not be whole UTF-8 characters, but the
  // concatenation over the ids of an encoded text is the text; where the trait
  // `normalizes` is claimed, it is a text with the same ids. Empty for ids that
  // stand for no text, and for ids out of range.
  virtual std::string Bytes(int32_t id) const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_H_
