// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The key of a corpus in the token cache.

#ifndef ARCHLAB_TOKEN_KEY_H_
#define ARCHLAB_TOKEN_KEY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/dataset.h"
#include "archlab/tokenizer.h"
#include "registry/catalogue.h"
#include "spec/spec.h"

namespace archlab {

// SHA-256 (hex) over what a corpus is made of: every text, target, label and
// image of both parts, the tokenizer's config, version and code, the code of
// libarchlab, what the tokenizer may know of the spec (seed, sequence length),
// the files that it reads (`files`), and, where it is not trained, what it was
// loaded from (`stored`, else nullptr).
//
// Not covered: constants of this code outside its instructions, and what a
// tokenizer uses outside its plugin: shared libraries, and the program in which
// tokenizer/sentencepiece runs its library. After such a change, without a new
// version of the plugin, empty the cache.
absl::StatusOr<std::string> TokenKey(const Spec& spec,
                                     const Catalogue& catalogue,
                                     const Dataset& dataset,
                                     const std::vector<std::string>& files,
                                     const TokenizerFiles* stored);

}  // namespace archlab

#endif  // ARCHLAB_TOKEN_KEY_H_
