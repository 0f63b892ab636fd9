// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// PreSplitter: cuts text into the words that merges never cross.

#ifndef ARCHLAB_TOKENIZER_BPE_PRE_SPLIT_H_
#define ARCHLAB_TOKENIZER_BPE_PRE_SPLIT_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace archlab {

// The rule of GPT-2, or of cl100k_base (GPT-3.5 and GPT-4).
enum class SplitRule { kGpt2, kCl100k };

// Can be used by several threads at once.
class PreSplitter {
 public:
  using Visitor = absl::FunctionRef<void(absl::string_view word)>;

  static absl::StatusOr<PreSplitter> Make(SplitRule rule);
  PreSplitter(PreSplitter&&) noexcept;
  PreSplitter& operator=(PreSplitter&&) noexcept;
  ~PreSplitter();

  // Calls `visit` for each word; together they are the text. A run of bytes
  // that are not UTF-8 is a word of its own. Time is linear in the text.
  absl::Status ForEachWord(absl::string_view text, Visitor visit) const;

 private:
  struct Pattern;
  PreSplitter(SplitRule rule, std::unique_ptr<Pattern> pattern);
  absl::Status SplitValid(absl::string_view text, Visitor visit) const;

  SplitRule rule_;
  std::unique_ptr<Pattern> pattern_;
};

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_BPE_PRE_SPLIT_H_
