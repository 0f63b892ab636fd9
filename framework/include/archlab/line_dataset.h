// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// LineDataset: files with a document a line, held in memory. A component says
// what a line means; the parts, the origins and the errors are here. Its config
// has the fields path, validation_path and validation_fraction.

#ifndef ARCHLAB_LINE_DATASET_H_
#define ARCHLAB_LINE_DATASET_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "archlab/dataset.h"
#include "archlab/file.h"
#include "archlab/random.h"

namespace archlab {

class LineDataset : public Dataset {
 public:
  int64_t Size(Split split) const override {
    return static_cast<int64_t>(Part(split).size());
  }
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    return Part(split)[index].document;
  }
  std::string Origin(Split split, int64_t index) const override {
    const Entry& entry = Part(split)[index];
    return absl::StrCat("'", paths_[entry.path], "', line ", entry.line);
  }

 protected:
  // Makes a document of line `line`; `other` is the line of a second file
  // beside it, or empty. A document without text and target is left out.
  using Parse = std::function<absl::StatusOr<Document>(
      const std::string& line, const std::string& other)>;

  // What is read: files, and files that go with them line by line (or none).
  struct Source {
    std::vector<std::string> paths, others;
    int64_t skip_lines = 0;  // at the start of each file
    int field = 0;           // of the config, for errors
  };

  // Reads the files of a config. Where it names none to validate on, a share of
  // the training documents, drawn by their numbers, is the validation part.
  // `others` and `validation_others` are paths of second files.
  template <class Config>
  absl::Status Load(const Config& config, const BuildContext& context,
                    const Parse& parse, int64_t skip_lines = 0,
                    const std::vector<std::string>& others = {},
                    const std::vector<std::string>& validation_others = {}) {
    if (config.path_size() == 0)
      return FieldError({Config::kPathFieldNumber},
                        "name at least one file to train on");
    ARCHLAB_RETURN_IF_ERROR(Read({{config.path().begin(), config.path().end()},
                                  others,
                                  skip_lines,
                                  Config::kPathFieldNumber},
                                 context, parse, &training_));
    if (config.validation_path_size() == 0) {
      HoldOut(config.validation_fraction());
      return absl::OkStatus();
    }
    return Read(
        {{config.validation_path().begin(), config.validation_path().end()},
         validation_others,
         skip_lines,
         Config::kValidationPathFieldNumber},
        context, parse, &validation_);
  }

 private:
  struct Entry {
    Document document;
    size_t path = 0;   // in paths_
    int64_t line = 0;  // from 1
  };

  const std::vector<Entry>& Part(Split split) const {
    return split == Split::kTrain ? training_ : validation_;
  }

  absl::Status Read(const Source& source, const BuildContext& context,
                    const Parse& parse, std::vector<Entry>* part) {
    for (size_t i = 0; i < source.paths.size(); ++i) {
      const std::string other =
          i < source.others.size() ? context.ResolvePath(source.others[i]) : "";
      paths_.push_back(context.ResolvePath(source.paths[i]));
      const absl::Status status =
          ReadFilePair(other, source.skip_lines, parse, part);
      if (!status.ok()) return FieldError({source.field}, status.message());
    }
    if (!part->empty()) return absl::OkStatus();
    return FieldError({source.field},
                      absl::StrCat("there is no document in '", paths_.back(),
                                   "'; name a file with text"));
  }

  // Reads paths_.back() and, where it is not empty, the file `other` beside it.
  absl::Status ReadFilePair(const std::string& other, int64_t skip_lines,
                            const Parse& parse, std::vector<Entry>* part) {
    const std::string& path = paths_.back();
    ARCHLAB_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                             ReadLines(path));
    std::vector<std::string> beside(lines.size());
    if (!other.empty()) {
      ARCHLAB_ASSIGN_OR_RETURN(beside, ReadLines(other));
    }
    if (beside.size() != lines.size())
      return absl::InvalidArgumentError(absl::StrCat(
          "'", path, "' has ", lines.size(), " lines, but '", other, "' has ",
          beside.size(), "; they must go together line by line"));
    for (size_t i = skip_lines; i < lines.size(); ++i) {
      absl::StatusOr<Document> document = parse(lines[i], beside[i]);
      const auto line = static_cast<int64_t>(i) + 1;
      if (!document.ok())
        return absl::InvalidArgumentError(absl::StrCat(
            "'", path, "', line ", line, ": ", document.status().message()));
      if (document->text.empty() && document->target.empty()) continue;
      part->push_back({*std::move(document), paths_.size() - 1, line});
    }
    return absl::OkStatus();
  }

  // Moves a share of the training documents, at least one where there are two.
  void HoldOut(double share) {
    const auto size = static_cast<int64_t>(training_.size());
    const auto count = std::clamp<int64_t>(
        static_cast<int64_t>(static_cast<double>(size) * share), size > 1,
        size - 1);
    std::vector<std::pair<double, int64_t>> drawn;
    for (int64_t i = 0; i < size; ++i)
      drawn.emplace_back(Random(0, i, SiteHash("held out")).Uniform(), i);
    std::nth_element(drawn.begin(), drawn.begin() + count, drawn.end());
    std::vector<bool> out(size);
    for (int64_t i = 0; i < count; ++i) out[drawn[i].second] = true;
    std::vector<Entry> rest;
    for (int64_t i = 0; i < size; ++i)
      (out[i] ? validation_ : rest).push_back(std::move(training_[i]));
    training_ = std::move(rest);
  }

  std::vector<std::string> paths_;
  std::vector<Entry> training_, validation_;
};

}  // namespace archlab

#endif  // ARCHLAB_LINE_DATASET_H_
