// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// TokenCache: corpora that were encoded before, with the tokenizers that were
// trained for it, in files that later processes find again. A file is as right
// as its key: training/token_key.h says what that covers, and what it does not.
// What cannot be read, is damaged or is cut short is missing; what cannot be
// written is not kept. Files, and folders made for them, are their user's alone
// (modes 0600, 0700).

#ifndef ARCHLAB_TOKEN_CACHE_H_
#define ARCHLAB_TOKEN_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "archlab/tokenizer.h"
#include "data/encode.h"

namespace archlab {

struct CachedTokens {
  TokenizerFiles tokenizer;
  EncodedParts parts;
};

class TokenCache {
 public:
  // In $ARCHLAB_CACHE; where it is not set in $XDG_CACHE_HOME/archlab, or
  // $HOME/.cache/archlab. Set but empty: nothing is kept.
  static TokenCache Default();
  // `folder` is made when needed; "": nothing is kept.
  explicit TokenCache(std::string folder, int64_t max_bytes = int64_t{1} << 30);

  bool enabled() const { return !folder_.empty(); }
  // `key`: 64 hexadecimal digits in lower case, a SHA-256.
  std::optional<CachedTokens> Find(const std::string& key) const;
  // The entries that were not used for the longest time go, so that all
  // together have at most `max_bytes`; one that is larger alone is not kept.
  // So do unfinished files that killed runs left over an hour ago. Files of
  // other names stay.
  void Keep(const std::string& key, const TokenizerFiles& tokenizer,
            const TokenStream& train, const TokenStream& validation) const;

 private:
  std::string PathOf(const std::string& key) const;
  void Prune() const;

  const std::string folder_;
  const int64_t max_bytes_;
};

}  // namespace archlab

#endif  // ARCHLAB_TOKEN_CACHE_H_
