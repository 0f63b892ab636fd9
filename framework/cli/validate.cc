// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab validate: checks specs without running anything.

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "spec/spec.h"

namespace archlab {
namespace {

struct ValidateOptions {
  std::vector<std::string> files, overrides;
};

// "2 blocks of 128 channels".
std::string Blocks(const spec::Stack& stack) {
  int64_t blocks = 0;
  for (const spec::Group& group : stack.group())
    blocks += int64_t{group.repeat()} * group.block_size();
  return absl::StrCat(blocks, blocks == 1 ? " block of " : " blocks of ",
                      stack.width(), " channels");
}

// "decoder_only, 4 blocks of 128 channels".
std::string Architecture(const spec::Model& model) {
  const auto stack = [&model](bool has, const spec::Stack& own) {
    return Blocks(has ? own : model.trunk());
  };
  switch (model.assembly_case()) {
    case spec::Model::kDecoderOnly:
      return "decoder_only, " + stack(model.decoder_only().has_stack(),
                                      model.decoder_only().stack());
    case spec::Model::kEncoderOnly:
      return "encoder_only, " + stack(model.encoder_only().has_stack(),
                                      model.encoder_only().stack());
    case spec::Model::kEncoderDecoder: {
      const spec::EncoderDecoder& both = model.encoder_decoder();
      return absl::StrCat("encoder_decoder, encoder ",
                          stack(both.has_encoder(), both.encoder()),
                          ", decoder ",
                          stack(both.has_decoder(), both.decoder()));
    }
    case spec::Model::ASSEMBLY_NOT_SET:
      break;
  }
  return "no model";
}

// "gpt: decoder_only, 4 blocks of 128 channels; 2000 steps of 12 x 64 tokens".
std::string Summary(const spec::Experiment& experiment) {
  const spec::Training& training = experiment.training();
  return absl::StrCat(
      experiment.name(), ": ", Architecture(experiment.model()), "; ",
      training.steps(), training.steps() == 1 ? " step of " : " steps of ",
      int64_t{training.batch_sequences()} * training.accumulate(), " x ",
      experiment.data().sequence_tokens(), " tokens");
}

void Validate(const ValidateOptions& options, CliContext& context) {
  const std::unique_ptr<Catalogue> catalogue = context.ScanPlugins();
  for (const std::string& file : options.files) {
    const absl::StatusOr<Spec> spec =
        Spec::Load(file, options.overrides, *catalogue);
    if (!spec.ok()) {
      context.Fail(spec.status());
      continue;
    }
    std::printf("%s: valid\n  %s\n", file.c_str(),
                Summary(spec->experiment()).c_str());
  }
}

}  // namespace

void AddValidateCommand(CLI::App& app, CliContext& context) {
  CLI::App* command = app.add_subcommand(
      "validate", "Check specs: every error, with file, line and column");
  auto options = std::make_shared<ValidateOptions>();
  command->add_option("FILE", options->files, "Spec files")->required();
  AddSetOption(*command, &options->overrides);
  command->footer(
      "Plugins are not run: what a component itself checks, such as whether it "
      "fits its\nsurroundings, is checked by inspect and train. Exit status: 0 "
      "all are valid, 2 one\nis not.\n"
      "Examples:\n"
      "  archlab validate experiments/*/experiment.textproto\n"
      "  archlab validate x.textproto --set 'training.steps = 10'\n"
      "  archlab validate x.textproto \\\n"
      "    --set 'model.decoder_only.stack.position = [position/rope] {}'");
  command->callback([options, &context] { Validate(*options, context); });
}

}  // namespace archlab
