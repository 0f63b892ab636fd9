// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ModelBuildContext: what the host hands to the components of a model.

#ifndef ARCHLAB_BUILD_CONTEXT_H_
#define ARCHLAB_BUILD_CONTEXT_H_

#include <string>

#include "archlab/component.h"
#include "nn/parameter_store.h"
#include "registry/catalogue.h"
#include "spec/spec.h"

namespace archlab {

// What all contexts of one model share; outlives them.
struct BuildHost {
  ParameterStore* store = nullptr;
  const Catalogue* catalogue = nullptr;
  const Spec* spec = nullptr;
};

class ModelBuildContext final : public BuildContext {
 public:
  // `path` is the role ("decoder.3.attention"), `spec_path` the place in the
  // spec that errors point to.
  ModelBuildContext(const BuildHost& host, Surroundings at, std::string path,
                    std::string spec_path);

  // The context of a part: role path().name, the given place in the spec.
  ModelBuildContext Part(const std::string& name,
                         const std::string& spec_path) const;
  // The same place with other surroundings.
  ModelBuildContext With(const Surroundings& at) const;
  const std::string& spec_path() const { return spec_path_; }
  const ParameterStore& store() const { return *host_.store; }

  // Makes the component that an Any of the spec names; errors are located.
  template <class Kind, class Any>
  absl::StatusOr<std::unique_ptr<Kind>> Make(const Any& any) const {
    ARCHLAB_ASSIGN_OR_RETURN(
        std::unique_ptr<Component> part,
        MakeHere(Kind::kKind, any.type_url(), any.value()));
    return std::unique_ptr<Kind>(static_cast<Kind*>(part.release()));
  }

  Parameter AddParameter(absl::string_view name, const Shape& shape, Init init,
                         ParameterTraits traits = {}) const override;
  Tensor AddBuffer(absl::string_view name, const Shape& shape) const override;
  std::string ResolvePath(absl::string_view path) const override;

 protected:
  absl::StatusOr<std::unique_ptr<Component>> MakeChild(
      absl::string_view kind, absl::string_view name,
      absl::string_view type_url, absl::string_view config,
      const Surroundings& at) const override;

 private:
  absl::StatusOr<std::unique_ptr<Component>> MakeHere(
      absl::string_view kind, absl::string_view type_url,
      absl::string_view config) const;

  const BuildHost& host_;
  const std::string spec_path_;
};

}  // namespace archlab

#endif  // ARCHLAB_BUILD_CONTEXT_H_
