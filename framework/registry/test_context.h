// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A BuildContext for tests of components that have no parameters.

#ifndef ARCHLAB_TEST_CONTEXT_H_
#define ARCHLAB_TEST_CONTEXT_H_

#include "archlab/component.h"

namespace archlab {

class BareContext final : public BuildContext {
 public:
  Parameter AddParameter(absl::string_view, const Shape&, Init,
                         ParameterTraits) const override {
    return Parameter();
  }
  Tensor AddBuffer(absl::string_view, const Shape&) const override {
    return Tensor();
  }

 protected:
  absl::StatusOr<std::unique_ptr<Component>> MakeChild(
      absl::string_view, absl::string_view, absl::string_view,
      absl::string_view, const Surroundings&) const override {
    return absl::UnimplementedError("no children here");
  }
};

}  // namespace archlab

#endif  // ARCHLAB_TEST_CONTEXT_H_
