// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/build_context.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace archlab {
ModelBuildContext::ModelBuildContext(const BuildHost& host, Surroundings at,
                                     std::string path, std::string spec_path)
    : host_(host), spec_path_(std::move(spec_path)) {
  at_ = at;
  path_ = std::move(path);
}

ModelBuildContext ModelBuildContext::Part(const std::string& name,
                                          const std::string& spec_path) const {
  return ModelBuildContext(
      host_, at_, path_.empty() ? name : path_ + "." + name, spec_path);
}

ModelBuildContext ModelBuildContext::With(const Surroundings& at) const {
  return ModelBuildContext(host_, at, path_, spec_path_);
}

Parameter ModelBuildContext::AddParameter(absl::string_view name,
                                          const Shape& shape, Init init,
                                          ParameterTraits traits) const {
  return host_.store->Add(absl::StrCat(path_, ".", name), shape, init, traits);
}

Tensor ModelBuildContext::AddBuffer(absl::string_view name,
                                    const Shape& shape) const {
  return host_.store->AddBuffer(absl::StrCat(path_, ".", name), shape);
}

std::string ModelBuildContext::ResolvePath(absl::string_view path) const {
  return host_.spec->ResolvePath(path);
}

absl::StatusOr<std::unique_ptr<Component>> ModelBuildContext::MakeHere(
    absl::string_view kind, absl::string_view type_url,
    absl::string_view config) const {
  absl::string_view found_kind, name;
  if (!SplitComponent(type_url, &found_kind, &name) || found_kind != kind)
    return host_.spec->Locate(
        spec_path_,
        absl::InvalidArgumentError(absl::StrCat(
            "wants a component of kind ", kind, ", but has [", type_url, "]")));
  auto made = host_.catalogue->Create(kind, name, config, *this);
  if (!made.ok()) return host_.spec->Locate(spec_path_, made.status());
  return made;
}

absl::StatusOr<std::unique_ptr<Component>> ModelBuildContext::MakeChild(
    absl::string_view kind, absl::string_view name, absl::string_view type_url,
    absl::string_view config, const Surroundings& at) const {
  // "expert.3" is made from the field `expert`.
  const absl::string_view field = name.substr(0, name.find('.'));
  return Part(std::string(name), absl::StrCat(spec_path_, ".", field))
      .With(at)
      .MakeHere(kind, type_url, config);
}

}  // namespace archlab
