// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// TestSpec: a small spec, whose parts a test replaces.

#ifndef ARCHLAB_TEST_SPEC_H_
#define ARCHLAB_TEST_SPEC_H_

#include <memory>
#include <string>

#include "model/model.h"

namespace archlab {

// The catalogue of the plugins that ctest points to.
const Catalogue& BuiltCatalogue();

struct TestSpec {
  int width = 16, heads = 2, layers = 2, sequence_tokens = 16;
  std::string position = "[position/none] {}";
  std::string attention = "[attention/dense] {}";
  std::string attention_fields;  // more of the multi-head shell
  std::string mixer;             // instead of attention
  std::string norm = "[norm/layer_norm] {}";
  std::string feed_forward = "[feed_forward/mlp] {}";
  std::string block_fields;
  std::string group_fields;
  // The trunk stands beside it. The objective must fit it.
  std::string assembly = "decoder_only {}";
  std::string training_fields;
  std::string objective = "[objective/causal_lm] {}";

  std::string Text() const;
  Spec Parse() const;
  // Fails the test when the spec is wrong.
  std::unique_ptr<Model> Build(DType compute, int64_t vocabulary,
                               bool shapes_only = false) const;
};

}  // namespace archlab

#endif  // ARCHLAB_TEST_SPEC_H_
