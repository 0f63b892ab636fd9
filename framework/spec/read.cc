// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/read.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"
#include "base/file.h"
#include "spec/bind.h"
#include "spec/override.h"

namespace archlab {
namespace {

constexpr int64_t kMaxFileBytes = 4 << 20;  // a spec has a few kilobytes

// A source that is not text at all has this one error.
bool IsText(const Source& source, int index, SpecErrors* errors) {
  const size_t bad = source.FirstBadByte();
  if (bad == std::string::npos) return true;
  errors->Add({index, bad}, "",
              absl::StrFormat("is not UTF-8 text: byte 0x%02x",
                              static_cast<unsigned char>(source.text()[bad])));
  return false;
}

}  // namespace

absl::StatusOr<std::string> ReadSpecFile(const std::string& file,
                                         absl::string_view holds) {
  ARCHLAB_ASSIGN_OR_RETURN(const FileReader reader, FileReader::Open(file));
  if (reader.bytes() > kMaxFileBytes)
    return absl::InvalidArgumentError(absl::StrCat(file, ": is larger than ",
                                                   kMaxFileBytes >> 20,
                                                   " MiB; that is no spec"));
  std::string text;
  ARCHLAB_RETURN_IF_ERROR(reader.Read(0, reader.bytes(), &text));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": is empty; ", holds));
  return text;
}

bool ReadMessage(const std::string& file, const std::string& text,
                 const std::vector<std::string>& overrides,
                 const Catalogue& catalogue, WrittenSpec* written,
                 google::protobuf::Message* out, SpecErrors* errors) {
  std::vector<Source>& sources = written->sources;
  const bool has_bom = absl::StartsWith(text, "\xEF\xBB\xBF");
  sources.emplace_back(file, has_bom ? text.substr(3) : text);
  for (size_t i = 0; i < overrides.size(); ++i)
    sources.emplace_back(absl::StrCat("--set #", i + 1), overrides[i]);
  bool good = IsText(sources[0], 0, errors) &&
              ParseSyntax(sources[0], 0, &written->root, errors);
  std::vector<SyntaxOverride> parsed(sources.size());
  for (int i = 1; i < static_cast<int>(sources.size()); ++i)
    good &= IsText(sources[i], i, errors) &&
            ParseOverride(sources[i], i, &parsed[i], errors);
  if (!good) return false;
  // The overrides are applied when the syntax of all is right.
  for (size_t i = 1; i < sources.size(); ++i)
    ApplyOverride(parsed[i], out->GetDescriptor(), catalogue, &written->root,
                  errors);
  Binder(catalogue, errors).Bind(written->root, "", written->root.place, out);
  return true;
}

}  // namespace archlab
