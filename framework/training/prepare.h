// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// From a spec to all that a training needs.

#ifndef ARCHLAB_PREPARE_H_
#define ARCHLAB_PREPARE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "archlab/dataset.h"
#include "archlab/objective.h"
#include "archlab/optimizer.h"
#include "archlab/tokenizer.h"
#include "data/corpus.h"
#include "model/model.h"
#include "registry/catalogue.h"
#include "spec/spec.h"
#include "training/run_folder.h"

namespace archlab {

// The corpus of an experiment and what it was made with.
struct PreparedData {
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Dataset> dataset;
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Corpus> corpus;  // reads from objective
};

// Reads and encodes the corpus. `tokenizer`: of a run; nullptr: it is
// trained. Errors are located in the spec.
absl::StatusOr<PreparedData> PrepareData(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer* tokenizer = nullptr);

// The parts that are trained, and that train.
struct PreparedTraining {
  PreparedData data;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Schedule> schedule;
  std::unique_ptr<Model> model;
};
absl::StatusOr<PreparedTraining> PrepareTraining(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer* tokenizer = nullptr);

// The tokenizer of a run.
absl::StatusOr<std::unique_ptr<Tokenizer>> LoadTokenizer(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer& stored);

// The model of a spec, in the spec's precision. `optimizer`: what will train
// it, or nullptr. FailedPrecondition, before the memory is taken, when there
// is too little.
absl::StatusOr<std::unique_ptr<Model>> PrepareModel(const Spec& spec,
                                                    const Catalogue& catalogue,
                                                    int64_t vocabulary,
                                                    const Optimizer* optimizer);

}  // namespace archlab

#endif  // ARCHLAB_PREPARE_H_
