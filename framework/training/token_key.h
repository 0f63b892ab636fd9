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

// SHA-256 (hex) over all that the ids of a corpus are made of: every text of
// both parts, the tokenizer's config and code, what it may know of the spec
// (seed, sequence length), the files that it reads (`files`), and, where it is
// not trained, what it was loaded from (`stored`, else nullptr).
absl::StatusOr<std::string> TokenKey(const Spec& spec,
                                     const Catalogue& catalogue,
                                     const Dataset& dataset,
                                     const std::vector<std::string>& files,
                                     const TokenizerFiles* stored);

}  // namespace archlab

#endif  // ARCHLAB_TOKEN_KEY_H_
