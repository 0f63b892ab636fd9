// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/text_proto.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/file.h"

namespace archlab {
namespace {

namespace pb = google::protobuf;

constexpr int64_t kMostBytes = 1 << 24;

// Keeps the first error.
class FirstError final : public pb::io::ErrorCollector {
 public:
  explicit FirstError(const std::string& path) : path_(path) {}
  // RecordError came with protobuf 22, AddError went with 26.
#if GOOGLE_PROTOBUF_VERSION >= 4022000
  void RecordError(int line, int column, absl::string_view text) override {
    Record(line, column, text);
  }
#else
  void AddError(int line, int column, const std::string& text) override {
    Record(line, column, text);
  }
#endif
  const absl::Status& status() const { return status_; }

 private:
  void Record(int line, int column, absl::string_view text) {
    if (status_.ok())
      status_ = absl::InvalidArgumentError(
          absl::StrCat(path_, ":", line + 1, ":", column + 1, ": ", text));
  }
  const std::string path_;
  absl::Status status_;
};

}  // namespace

std::string PrintTextProto(const pb::Message& message) {
  std::string text;
  pb::TextFormat::PrintToString(message, &text);
  return text;
}

absl::Status ReadTextProto(const std::string& path, pb::Message* message) {
  ARCHLAB_ASSIGN_OR_RETURN(const FileReader file, FileReader::Open(path));
  if (file.bytes() > kMostBytes)
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has ", file.bytes(),
                     " bytes; archlab writes less than ", kMostBytes));
  std::string text;
  ARCHLAB_RETURN_IF_ERROR(file.Read(0, file.bytes(), &text));
  FirstError errors(path);
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(100);
  if (parser.ParseFromString(text, message)) return absl::OkStatus();
  if (!errors.status().ok()) return errors.status();
  return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
}

}  // namespace archlab
