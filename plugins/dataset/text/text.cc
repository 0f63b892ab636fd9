// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Text files as a corpus. Only the places of the documents are kept; a document
// is read when it is asked for.

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/dataset.h"
#include "archlab/file.h"
#include "text.pb.h"
#include "text_parts.h"

namespace archlab {
namespace {

constexpr int64_t kBlockBytes = 1 << 20;

}  // namespace

class TextDataset final : public Dataset {
 public:
  using Config = dataset::TextConfig;

  static absl::StatusOr<std::unique_ptr<TextDataset>> Create(
      const Config& config, const BuildContext& context) {
    if (config.path_size() == 0)
      return FieldError({Config::kPathFieldNumber},
                        "name at least one text file to train on");
    auto made = std::make_unique<TextDataset>();
    const ScanOptions options{config.encoding() == Config::UTF8,
                              config.document_separator()};
    ARCHLAB_RETURN_IF_ERROR(made->Scan(config.path(), Config::kPathFieldNumber,
                                       options, context, &made->training_));
    if (config.validation_path_size() > 0) {
      ARCHLAB_RETURN_IF_ERROR(made->Scan(config.validation_path(),
                                         Config::kValidationPathFieldNumber,
                                         options, context, &made->validation_));
    } else {
      ARCHLAB_RETURN_IF_ERROR(SplitOff(config.validation_fraction(), options,
                                       &made->training_, &made->validation_));
    }
    return made;
  }

  int64_t Size(Split split) const override {
    return static_cast<int64_t>(Part(split).size());
  }

  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    const Extent& extent = Part(split)[index];
    const int64_t bytes = extent.end - extent.begin;
    Document document;
    if (bytes > kBlockBytes) {
      ARCHLAB_ASSIGN_OR_RETURN(const FileReader file,
                               FileReader::Open(*extent.path));
      ARCHLAB_RETURN_IF_ERROR(file.Read(extent.begin, bytes, &document.text));
      return document;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (block_path_ != extent.path || extent.begin < block_begin_ ||
        extent.end > block_begin_ + static_cast<int64_t>(block_.size()))
      ARCHLAB_RETURN_IF_ERROR(ReadBlock(extent));
    document.text = block_.substr(extent.begin - block_begin_, bytes);
    return document;
  }

  std::string Origin(Split split, int64_t index) const override {
    const Extent& extent = Part(split)[index];
    return absl::StrCat("'", *extent.path, "', counted from byte ",
                        extent.begin);
  }

 private:
  // Finds the documents of the files that field `field` names.
  template <class Paths>
  absl::Status Scan(const Paths& paths, int field, const ScanOptions& options,
                    const BuildContext& context, std::vector<Extent>* part) {
    for (const std::string& path : paths) {
      paths_.push_back(
          std::make_unique<std::string>(context.ResolvePath(path)));
      const absl::Status status = ScanFile(*paths_.back(), options, part);
      if (!status.ok()) return FieldError({field}, status.message());
    }
    if (part->empty())
      return FieldError(
          {field},
          absl::StrCat("there is no text: '", absl::StrJoin(paths, "', '"),
                       "' is empty; name a file with text"));
    return absl::OkStatus();
  }

  // Reads a short extent and what comes after it.
  absl::Status ReadBlock(const Extent& extent) const {
    ARCHLAB_ASSIGN_OR_RETURN(const FileReader file,
                             FileReader::Open(*extent.path));
    const int64_t ahead = std::min(kBlockBytes, file.bytes() - extent.begin);
    block_path_ = nullptr;
    ARCHLAB_RETURN_IF_ERROR(file.Read(
        extent.begin, std::max(extent.end - extent.begin, ahead), &block_));
    block_path_ = extent.path;
    block_begin_ = extent.begin;
    return absl::OkStatus();
  }

  const std::vector<Extent>& Part(Split split) const {
    return split == Split::kTrain ? training_ : validation_;
  }

  std::vector<std::unique_ptr<std::string>> paths_;  // extents point to them
  std::vector<Extent> training_, validation_;
  // What was read last: documents may be short and many.
  mutable std::mutex mutex_;  // guards the rest
  mutable const std::string* block_path_ = nullptr;
  mutable int64_t block_begin_ = 0;
  mutable std::string block_;
};

ARCHLAB_PLUGIN(TextDataset)

}  // namespace archlab
