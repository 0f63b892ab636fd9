// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sources and targets.

#include <memory>
#include <utility>
#include <vector>

#include "archlab/line_dataset.h"
#include "pairs.pb.h"

namespace archlab {
namespace {

absl::StatusOr<Document> FromColumns(const std::string& line) {
  Document document;
  if (line.empty()) return document;
  const size_t tab = line.find('\t');
  if (tab == std::string::npos)
    return absl::InvalidArgumentError(
        "there is no tab between a source and a target");
  if (line.find('\t', tab + 1) != std::string::npos)
    return absl::InvalidArgumentError(
        "there is more than one tab; give two columns, source and target");
  document.text = line.substr(0, tab);
  document.target = line.substr(tab + 1);
  return document;
}

absl::StatusOr<Document> Complete(Document document, bool swap) {
  if (document.text.empty() != document.target.empty())
    return absl::InvalidArgumentError(
        document.text.empty() ? "the source is empty" : "the target is empty");
  if (swap) std::swap(document.text, document.target);
  return document;
}

}  // namespace

class Pairs final : public LineDataset {
 public:
  using Config = dataset::PairsConfig;

  static absl::StatusOr<std::unique_ptr<Pairs>> Create(
      const Config& config, const BuildContext& context) {
    ARCHLAB_RETURN_IF_ERROR(CheckPaths(config));
    const bool columns = config.target_path_size() == 0;
    const bool swap = config.swap();
    const auto parse =
        [columns, swap](const std::string& line,
                        const std::string& other) -> absl::StatusOr<Document> {
      Document document;
      if (columns) {
        ARCHLAB_ASSIGN_OR_RETURN(document, FromColumns(line));
      } else {
        document.text = line;
        document.target = other;
      }
      return Complete(std::move(document), swap);
    };
    auto made = std::make_unique<Pairs>();
    ARCHLAB_RETURN_IF_ERROR(
        made->Load(config, context, parse, config.skip_lines(),
                   {config.target_path().begin(), config.target_path().end()},
                   {config.validation_target_path().begin(),
                    config.validation_target_path().end()}));
    return made;
  }

 private:
  static absl::Status CheckPaths(const Config& config) {
    if (config.target_path_size() != 0 &&
        config.target_path_size() != config.path_size())
      return FieldError(
          {Config::kTargetPathFieldNumber},
          absl::StrCat("must name as many files as path, ", config.path_size(),
                       ", but names ", config.target_path_size()));
    const int wanted =
        config.target_path_size() == 0 ? 0 : config.validation_path_size();
    if (config.validation_target_path_size() == wanted) return absl::OkStatus();
    return FieldError({Config::kValidationTargetPathFieldNumber},
                      absl::StrCat("must name ", wanted,
                                   " files (as many as validation_path where "
                                   "target_path is used), but names ",
                                   config.validation_target_path_size()));
  }
};

ARCHLAB_PLUGIN(Pairs)

}  // namespace archlab
