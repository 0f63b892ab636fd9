// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Texts with a class each.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "archlab/line_dataset.h"
#include "labelled.pb.h"

namespace archlab {

class Labelled final : public LineDataset {
 public:
  using Config = dataset::LabelledConfig;

  static absl::StatusOr<std::unique_ptr<Labelled>> Create(
      const Config& config, const BuildContext& context) {
    if (config.label_as_target() && config.second_column() > 0)
      return FieldError({Config::kLabelAsTargetFieldNumber},
                        "cannot be set with second_column: the second text is "
                        "the target already");
    if (config.label_column() == config.text_column())
      return FieldError(
          {Config::kLabelColumnFieldNumber},
          absl::StrCat("must be another column than text_column, "
                       "but both are ",
                       config.text_column(), "; the label would be the text"));
    if (config.second_column() == config.text_column() ||
        config.second_column() == config.label_column())
      return FieldError({Config::kSecondColumnFieldNumber},
                        absl::StrCat("must be a column of its own, but ",
                                     config.second_column(),
                                     " is the text's or the label's"));
    auto made = std::make_unique<Labelled>();
    const auto parse = [&config](const std::string& line, const std::string&) {
      return FromLine(config, line);
    };
    ARCHLAB_RETURN_IF_ERROR(
        made->Load(config, context, parse, config.skip_lines()));
    return made;
  }

 private:
  static absl::StatusOr<Document> FromLine(const Config& config,
                                           const std::string& line) {
    Document document;
    if (line.empty()) return document;
    const std::vector<absl::string_view> columns = absl::StrSplit(line, '\t');
    absl::string_view text, label, second;
    ARCHLAB_RETURN_IF_ERROR(
        Column(columns, config.text_column(), "text", &text));
    ARCHLAB_RETURN_IF_ERROR(
        Column(columns, config.label_column(), "label", &label));
    if (config.second_column() > 0) {
      ARCHLAB_RETURN_IF_ERROR(
          Column(columns, config.second_column(), "second text", &second));
    }
    if (text.empty()) return absl::InvalidArgumentError("the text is empty");
    document.text = absl::StrCat(config.prefix(), text);
    document.target = std::string(config.label_as_target() ? label : second);
    ARCHLAB_ASSIGN_OR_RETURN(document.label, Class(config, label));
    return document;
  }

  static absl::Status Column(const std::vector<absl::string_view>& columns,
                             int number, absl::string_view what,
                             absl::string_view* value) {
    if (number > static_cast<int>(columns.size()))
      return absl::InvalidArgumentError(
          absl::StrCat("the ", what, " should be in column ", number,
                       ", but there are ", columns.size()));
    *value = columns[number - 1];
    return absl::OkStatus();
  }

  static absl::StatusOr<int64_t> Class(const Config& config,
                                       absl::string_view label) {
    if (config.label_size() > 0) {
      const auto found =
          std::find(config.label().begin(), config.label().end(), label);
      if (found != config.label().end()) return found - config.label().begin();
      return absl::InvalidArgumentError(
          absl::StrCat("the label is '", label, "', which is none of '",
                       absl::StrJoin(config.label(), "', '"), "'"));
    }
    int64_t number = 0;
    if (absl::SimpleAtoi(label, &number) && number >= 0) return number;
    return absl::InvalidArgumentError(
        absl::StrCat("the label is '", label,
                     "', which is no number from 0 on; name the classes with "
                     "label: \"...\", or set skip_lines where this is a "
                     "header"));
  }
};

ARCHLAB_PLUGIN(Labelled)

}  // namespace archlab
