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
#include "data/vocabulary.h"
#include "model/model.h"
#include "registry/catalogue.h"
#include "spec/spec.h"
#include "training/run_folder.h"

namespace archlab {

// The corpus of an experiment and what it was made with.
struct PreparedData {
  std::unique_ptr<Tokenizer> tokenizer;  // null where the data are images
  std::unique_ptr<Dataset> dataset;
  std::unique_ptr<Objective> objective;
  Vocabulary vocabulary;
  std::unique_ptr<Corpus> corpus;  // reads from dataset and objective
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

// The tokenizer of a run; null where the spec has none.
absl::StatusOr<std::unique_ptr<Tokenizer>> LoadTokenizer(
    const Spec& spec, const Catalogue& catalogue,
    const StoredTokenizer& stored);

// The objective of a spec.
absl::StatusOr<std::unique_ptr<Objective>> PrepareObjective(
    const Spec& spec, const Catalogue& catalogue);

// The vocabulary of a spec whose tokenizer is trained; nullptr: it has none.
absl::StatusOr<Vocabulary> PrepareVocabulary(const Spec& spec,
                                             const Tokenizer* tokenizer,
                                             const Objective& objective);

// Values of a patch of the spec's images; 0, without a look at the data, where
// they are text.
absl::StatusOr<int64_t> PatchElements(const Spec& spec,
                                      const Catalogue& catalogue);

// What the objective knows when it puts a prompt to the spec's model.
ObjectiveInput PromptInput(const Spec& spec, const Vocabulary& vocabulary);

// The model of a spec, in the spec's precision. `vocabulary`: V, special tokens
// included; `patch_elements`: see PatchElements; `optimizer`: what will train
// it, or nullptr. FailedPrecondition, before the memory is taken, when there
// is too little.
absl::StatusOr<std::unique_ptr<Model>> PrepareModel(const Spec& spec,
                                                    const Catalogue& catalogue,
                                                    int64_t vocabulary,
                                                    int64_t patch_elements,
                                                    const Optimizer* optimizer);

}  // namespace archlab

#endif  // ARCHLAB_PREPARE_H_
