// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/test_spec.h"

#include "absl/strings/substitute.h"
#include "archlab/check.h"

namespace archlab {

const Catalogue& BuiltCatalogue() {
  static const Catalogue* const catalogue =
      Catalogue::Scan(SearchPath::Default({})).release();
  return *catalogue;
}

std::string TestSpec::Text() const {
  const std::string sequence =
      mixer.empty() ? absl::Substitute("attention { heads: $0 core { $1 } $2 }",
                                       heads, attention, attention_fields)
                    : absl::Substitute("mixer { $0 }", mixer);
  const std::string block =
      absl::Substitute("norm { $0 } $1 feed_forward { $2 } $3", norm, sequence,
                       feed_forward, block_fields);
  return absl::Substitute(
      "name: 'test' "
      "data { dataset { [dataset/text] { path: 'none' } } "
      "tokenizer { [tokenizer/byte] {} } sequence_tokens: $0 } "
      "model { $6 trunk { width: $1 position { $2 } "
      "group { repeat: $3 block { $4 } $8 } final_norm { $5 } } } "
      "training { objective { $7 } "
      "optimizer { [optimizer/sgd] {} } "
      "schedule { [schedule/constant] {} } steps: 1 $9 }",
      sequence_tokens, width, position, layers, block, norm, assembly,
      objective, group_fields, training_fields);
}

Spec TestSpec::Parse() const {
  auto spec = Spec::Parse("test", Text(), {}, BuiltCatalogue());
  ARCHLAB_CHECK(spec.ok()) << spec.status().message();
  return std::move(spec).value();
}

std::unique_ptr<Model> TestSpec::Build(DType compute, int64_t vocabulary,
                                       bool shapes_only) const {
  const Spec spec = Parse();
  ModelOptions options;
  options.compute = compute;
  options.vocabulary = vocabulary;
  options.shapes_only = shapes_only;
  auto model = Model::Build(spec, BuiltCatalogue(), options);
  ARCHLAB_CHECK(model.ok()) << model.status().message();
  return std::move(model).value();
}

}  // namespace archlab
