// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What a run's model reads when a user gives it a text to look at.

#ifndef ARCHLAB_ATTENTION_TEXT_H_
#define ARCHLAB_ATTENTION_TEXT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "model/batch.h"
#include "training/open_run.h"

namespace archlab {

// One row: `text` as the run's objective puts it. `target`: what a model that
// writes has written so far; an encoder-decoder without it writes its own,
// greedily, up to generation.max_tokens and 256. InvalidArgument, with the
// remedy, for images, a text without tokens, one that is longer than the model
// reads, and a target for a model that writes nothing.
absl::StatusOr<Batch> AttentionText(const OpenedRun& run,
                                    const std::string& text,
                                    const std::optional<std::string>& target);

}  // namespace archlab

#endif  // ARCHLAB_ATTENTION_TEXT_H_
