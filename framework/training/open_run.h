// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Opening a run to use what it learned.

#ifndef ARCHLAB_OPEN_RUN_H_
#define ARCHLAB_OPEN_RUN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "training/prepare.h"
#include "training/run_folder.h"
#include "training/spec_context.h"

namespace archlab {

// A run with the weights of one of its checkpoints. The corpus is not needed.
struct OpenedRun {
  RunFolder folder;
  Spec spec;
  StoredTokenizer tokenizer_files;
  std::unique_ptr<Tokenizer> tokenizer;  // null where the data are images
  std::unique_ptr<Objective> objective;
  Vocabulary vocabulary;
  std::unique_ptr<Model> model;
  int64_t step = 0;     // of the checkpoint
  std::string warning;  // to be shown, or empty
};

// `checkpoint`: best, last or a step. `overrides` may change `generation` and
// `data.dataset`: with other parts, the weights would mean something else.
// InvalidArgument names the override that does.
absl::StatusOr<OpenedRun> OpenRun(const std::string& path,
                                  const std::string& checkpoint,
                                  const std::vector<std::string>& overrides,
                                  const Catalogue& catalogue);

// The spec of a run, with paths relative to where the spec was written.
absl::StatusOr<Spec> LoadRunSpec(const RunFolder& folder,
                                 const std::vector<std::string>& overrides,
                                 const Catalogue& catalogue);

}  // namespace archlab

#endif  // ARCHLAB_OPEN_RUN_H_
