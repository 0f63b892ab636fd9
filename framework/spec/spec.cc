// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading, overriding, validating: the parts in their order.

#include "spec/spec.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/located.h"
#include "spec/bind.h"
#include "spec/locate.h"
#include "spec/override.h"
#include "spec/resolve.h"
#include "spec/rules.h"
#include "spec/syntax.h"

namespace archlab {
namespace {

constexpr int64_t kMaxFileBytes = 4 << 20;  // a spec has a few kilobytes

absl::StatusOr<std::string> ReadSpecFile(const std::string& file) {
  ARCHLAB_ASSIGN_OR_RETURN(const FileReader reader, FileReader::Open(file));
  if (reader.bytes() > kMaxFileBytes)
    return absl::InvalidArgumentError(absl::StrCat(file, ": is larger than ",
                                                   kMaxFileBytes >> 20,
                                                   " MiB; that is no spec"));
  std::string text;
  ARCHLAB_RETURN_IF_ERROR(reader.Read(0, reader.bytes(), &text));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return absl::InvalidArgumentError(absl::StrCat(
        file,
        ": is empty; a spec holds an experiment: name, data, model, training"));
  return text;
}

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

struct Spec::Parts {
  explicit Parts(const Catalogue& plugins) : catalogue(plugins) {}
  bool Read(SpecErrors* errors);

  const Catalogue& catalogue;
  std::vector<Source> sources;  // the file, then the overrides
  std::string directory;
  SyntaxValue root;
  spec::Experiment experiment;
  std::string resolved, hash;
};

// Syntax of all sources; the overrides are applied when all of it is right.
bool Spec::Parts::Read(SpecErrors* errors) {
  bool good = IsText(sources[0], 0, errors) &&
              ParseSyntax(sources[0], 0, &root, errors);
  std::vector<SyntaxOverride> overrides(sources.size());
  for (int i = 1; i < static_cast<int>(sources.size()); ++i)
    good &= IsText(sources[i], i, errors) &&
            ParseOverride(sources[i], i, &overrides[i], errors);
  if (!good) return false;
  for (size_t i = 1; i < sources.size(); ++i)
    ApplyOverride(overrides[i], spec::Experiment::descriptor(), catalogue,
                  &root, errors);
  return true;
}

std::string Spec::ResolvePath(absl::string_view path) const {
  return archlab::ResolvePath(directory(), path);
}

Spec::Spec() = default;
Spec::Spec(Spec&&) noexcept = default;
Spec& Spec::operator=(Spec&&) noexcept = default;
Spec::~Spec() = default;

absl::StatusOr<Spec> Spec::Load(const std::string& file,
                                const std::vector<std::string>& overrides,
                                const Catalogue& catalogue) {
  ARCHLAB_ASSIGN_OR_RETURN(const std::string text, ReadSpecFile(file));
  return Parse(file, text, overrides, catalogue);
}

absl::StatusOr<Spec> Spec::Parse(const std::string& file,
                                 const std::string& text,
                                 const std::vector<std::string>& overrides,
                                 const Catalogue& catalogue) {
  auto parts = std::make_unique<Parts>(catalogue);
  const bool has_bom = absl::StartsWith(text, "\xEF\xBB\xBF");
  parts->sources.emplace_back(file, has_bom ? text.substr(3) : text);
  for (size_t i = 0; i < overrides.size(); ++i)
    parts->sources.emplace_back(absl::StrCat("--set #", i + 1), overrides[i]);
  const std::string folder = std::filesystem::path(file).parent_path();
  parts->directory = folder.empty() ? "." : folder;

  SpecErrors errors;
  if (parts->Read(&errors)) {
    Binder(catalogue, &errors)
        .Bind(parts->root, "", parts->root.place, &parts->experiment);
    CheckRules(parts->experiment, CatalogueFacts(catalogue),
               [&](const std::string& path, const std::string& message) {
                 errors.Add(archlab::Locate(parts->root, path).place, path,
                            message);
               });
  }
  ARCHLAB_RETURN_IF_ERROR(errors.ToStatus(parts->sources));
  spec::Experiment complete = parts->experiment;
  FillDefaults(catalogue, &complete);
  parts->resolved = CanonicalText(complete, catalogue);
  parts->hash = SpecHash(complete, catalogue);
  Spec spec;
  spec.parts_ = std::move(parts);
  return spec;
}

const spec::Experiment& Spec::experiment() const { return parts_->experiment; }
const std::string& Spec::directory() const { return parts_->directory; }
void Spec::SetDirectory(const std::string& directory) {
  parts_->directory = directory;
}
std::string Spec::Resolved() const { return parts_->resolved; }
std::string Spec::Hash() const { return parts_->hash; }

absl::Status Spec::Locate(absl::string_view path,
                          const absl::Status& error) const {
  if (error.ok() || IsLocated(error)) return error;
  Located at = archlab::Locate(parts_->root, path);
  std::string shown(path);
  const std::string numbers = FieldErrorPath(error);
  if (!numbers.empty())
    at = LocateField(at, numbers, parts_->catalogue, &shown);
  SpecErrors one;
  one.Add(at.place, shown, error.message());
  return MarkLocated(
      absl::Status(error.code(), one.ToStatus(parts_->sources).message()));
}

}  // namespace archlab
