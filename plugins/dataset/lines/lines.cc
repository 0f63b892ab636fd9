// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A document a line.

#include <memory>

#include "archlab/line_dataset.h"
#include "lines.pb.h"

namespace archlab {

class Lines final : public LineDataset {
 public:
  using Config = dataset::LinesConfig;

  static absl::StatusOr<std::unique_ptr<Lines>> Create(
      const Config& config, const BuildContext& context) {
    auto made = std::make_unique<Lines>();
    const bool keep_newline = config.keep_newline();
    const auto parse = [keep_newline](
                           const std::string& line,
                           const std::string&) -> absl::StatusOr<Document> {
      Document document;
      document.text = line;
      if (keep_newline && !line.empty()) document.text += '\n';
      return document;
    };
    ARCHLAB_RETURN_IF_ERROR(made->Load(config, context, parse));
    return made;
  }
};

ARCHLAB_PLUGIN(Lines)

}  // namespace archlab
