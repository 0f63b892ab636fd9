// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SpecContext: what the host hands to components outside the model (dataset,
// tokenizer, objective, optimizer, schedule, sampler): no parameters.

#ifndef ARCHLAB_SPEC_CONTEXT_H_
#define ARCHLAB_SPEC_CONTEXT_H_

#include <memory>
#include <string>
#include <vector>

#include "archlab/component.h"
#include "registry/catalogue.h"
#include "spec/spec.h"

namespace archlab {

class SpecContext final : public BuildContext {
 public:
  // `place` is the path in the spec, such as "training.optimizer"; it is the
  // role path too. Spec and catalogue outlive this.
  SpecContext(const Spec& spec, const Catalogue& catalogue, std::string place);

  // Makes the component of this kind that an Any holds; errors are located.
  absl::StatusOr<std::unique_ptr<Component>> MakeHere(
      absl::string_view kind, absl::string_view type_url,
      absl::string_view config) const;

  // Only models have parameters and buffers; calling these is a bug of the
  // component.
  Parameter AddParameter(absl::string_view name, const Shape& shape, Init init,
                         ParameterTraits traits) const override;
  Tensor AddBuffer(absl::string_view name, const Shape& shape) const override;
  std::string ResolvePath(absl::string_view path) const override;
  // The files that the component asked for, as resolved, in order.
  const std::vector<std::string>& resolved_paths() const {
    return resolved_paths_;
  }

 protected:
  absl::StatusOr<std::unique_ptr<Component>> MakeChild(
      absl::string_view kind, absl::string_view name,
      absl::string_view type_url, absl::string_view config,
      const Surroundings& at) const override;

 private:
  const Spec& spec_;
  const Catalogue& catalogue_;
  mutable std::vector<std::string> resolved_paths_;
};

// Makes the component that an Any of the spec holds at `place`; errors are
// located in the spec.
template <class Kind, class Any>
absl::StatusOr<std::unique_ptr<Kind>> MakeComponent(const Spec& spec,
                                                    const Catalogue& catalogue,
                                                    const Any& any,
                                                    const std::string& place) {
  ARCHLAB_ASSIGN_OR_RETURN(
      std::unique_ptr<Component> part,
      SpecContext(spec, catalogue, place)
          .MakeHere(Kind::kKind, any.type_url(), any.value()));
  return std::unique_ptr<Kind>(static_cast<Kind*>(part.release()));
}

}  // namespace archlab

#endif  // ARCHLAB_SPEC_CONTEXT_H_
