// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/unused.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

// Whether every stack of the assembly is written there, not in the trunk.
bool HasOwnBlocks(const spec::Model& model) {
  switch (model.assembly_case()) {
    case spec::Model::kDecoderOnly:
      return model.decoder_only().has_stack();
    case spec::Model::kEncoderOnly:
      return model.encoder_only().has_stack();
    case spec::Model::kEncoderDecoder:
      return model.encoder_decoder().has_encoder() &&
             model.encoder_decoder().has_decoder();
    case spec::Model::ASSEMBLY_NOT_SET:
      return false;
  }
  return false;
}

// Parts of the head that predicts tokens, beside one that predicts classes.
void CheckHeadParts(const spec::Model& model, const ReportRule& report) {
  const std::string why =
      " belongs to the head that predicts tokens, but the model has a "
      "classification_head; leave one of the two out";
  const spec::EncoderOnly& encoder = model.encoder_only();
  if (encoder.has_classification_head() && encoder.has_transform())
    report("model.encoder_only.transform",
           absl::StrCat("is not used: it", why));
  const spec::DecoderOnly& decoder = model.decoder_only();
  if (decoder.has_classification_head() && decoder.logit_soft_cap() > 0)
    report("model.decoder_only.logit_soft_cap",
           absl::StrCat("is not used: it", why));
}

// Two texts of a pair have the types 0 and 1.
void CheckTokenTypes(const spec::Embedding& embedding,
                     const std::string& assembly, const ReportRule& report) {
  if (embedding.token_types() == 1)
    report(absl::StrCat("model.", assembly, ".embedding.token_types"),
           "must be 0 or at least 2, but is 1: one type tells no two texts "
           "apart");
}

}  // namespace

void CheckUnused(const spec::Experiment& experiment, const ReportRule& report) {
  const spec::Model& model = experiment.model();
  if (model.has_trunk() && HasOwnBlocks(model))
    report("model.trunk",
           "is not used: the assembly has blocks of its own; leave one of the "
           "two out");
  CheckHeadParts(model, report);
  CheckTokenTypes(model.encoder_only().embedding(), "encoder_only", report);
  CheckTokenTypes(model.decoder_only().embedding(), "decoder_only", report);
  CheckTokenTypes(model.encoder_decoder().embedding(), "encoder_decoder",
                  report);
  for (int i = 0; i < experiment.generation().stop_size(); ++i)
    if (experiment.generation().stop(i).empty())
      report(absl::StrCat("generation.stop[", i, "]"),
             "must not be empty: every text would end before it begins");
}

}  // namespace archlab
