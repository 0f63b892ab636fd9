// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/spec_context.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/status.h"

namespace archlab {

SpecContext::SpecContext(const Spec& spec, const Catalogue& catalogue,
                         std::string place)
    : spec_(spec), catalogue_(catalogue) {
  path_ = std::move(place);
  at_.max_tokens = spec.experiment().data().sequence_tokens();
  at_.seed = static_cast<uint64_t>(spec.experiment().seed());
}

Parameter SpecContext::AddParameter(absl::string_view name, const Shape&, Init,
                                    ParameterTraits) const {
  ARCHLAB_CHECK(false) << path_ << " adds the parameter '" << name
                       << "', but only parts of a model have parameters";
  return Parameter();
}

Tensor SpecContext::AddBuffer(absl::string_view name, const Shape&) const {
  ARCHLAB_CHECK(false) << path_ << " adds the buffer '" << name
                       << "', but only parts of a model have buffers";
  return Tensor();
}

std::string SpecContext::ResolvePath(absl::string_view path) const {
  resolved_paths_.push_back(spec_.ResolvePath(path));
  return resolved_paths_.back();
}

absl::StatusOr<std::unique_ptr<Component>> SpecContext::MakeChild(
    absl::string_view kind, absl::string_view name, absl::string_view type_url,
    absl::string_view config, const Surroundings&) const {
  return SpecContext(spec_, catalogue_, absl::StrCat(path_, ".", name))
      .MakeHere(kind, type_url, config);
}

absl::StatusOr<std::unique_ptr<Component>> SpecContext::MakeHere(
    absl::string_view kind, absl::string_view type_url,
    absl::string_view config) const {
  absl::string_view found_kind, name;
  if (!SplitComponent(type_url, &found_kind, &name) || found_kind != kind)
    return spec_.Locate(path_, absl::InvalidArgumentError(absl::StrCat(
                                   "needs a component of the kind ", kind)));
  auto made = catalogue_.Create(kind, name, config, *this);
  if (!made.ok()) return spec_.Locate(path_, made.status());
  return made;
}

}  // namespace archlab
