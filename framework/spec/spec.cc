// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading, overriding, validating: the parts in their order.

#include "spec/spec.h"

#include "archlab/status.h"
#include "base/file.h"
#include "base/located.h"
#include "spec/locate.h"
#include "spec/read.h"
#include "spec/resolve.h"
#include "spec/rules.h"
#include "spec/syntax.h"

namespace archlab {
namespace {

constexpr char kHolds[] =
    "a spec holds an experiment: name, data, model, training";

}  // namespace

struct Spec::Parts {
  explicit Parts(const Catalogue& plugins) : catalogue(plugins) {}

  const Catalogue& catalogue;
  WrittenSpec written;
  std::string directory;
  spec::Experiment experiment;
  std::string resolved, hash;
};

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
  ARCHLAB_ASSIGN_OR_RETURN(const std::string text, ReadSpecFile(file, kHolds));
  return Parse(file, text, overrides, catalogue);
}

absl::StatusOr<Spec> Spec::Parse(const std::string& file,
                                 const std::string& text,
                                 const std::vector<std::string>& overrides,
                                 const Catalogue& catalogue) {
  auto parts = std::make_unique<Parts>(catalogue);
  parts->directory = DirectoryOf(file);
  SpecErrors errors;
  if (ReadMessage(file, text, overrides, catalogue, &parts->written,
                  &parts->experiment, &errors))
    CheckRules(parts->experiment, CatalogueFacts(catalogue),
               [&](const std::string& path, const std::string& message) {
                 errors.Add(archlab::Locate(parts->written.root, path).place,
                            path, message);
               });
  ARCHLAB_RETURN_IF_ERROR(errors.ToStatus(parts->written.sources));
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
  Located at = archlab::Locate(parts_->written.root, path);
  std::string shown(path);
  const std::string numbers = FieldErrorPath(error);
  if (!numbers.empty())
    at = LocateField(at, numbers, parts_->catalogue, &shown);
  SpecErrors one;
  one.Add(at.place, shown, error.message());
  return MarkLocated(absl::Status(
      error.code(), one.ToStatus(parts_->written.sources).message()));
}

}  // namespace archlab
