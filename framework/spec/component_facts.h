// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the rules must know of components; all of it stands in their notes.

#ifndef ARCHLAB_COMPONENT_FACTS_H_
#define ARCHLAB_COMPONENT_FACTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "archlab/plugin.pb.h"
#include "google/protobuf/any.pb.h"
#include "registry/catalogue.h"

namespace archlab {

// A component that a message names.
struct InnerComponent {
  std::string path;  // from the message on: "expert", "group[1].router"
  google::protobuf::Any component;
};

// The components that a message names, messages inside it included, but not
// those inside the components.
std::vector<InnerComponent> ComponentsIn(
    const google::protobuf::Message& message);

class ComponentFacts {
 public:
  virtual ~ComponentFacts() = default;
  // The manifest, or nullptr.
  virtual const ComponentManifest* Find(absl::string_view kind,
                                        absl::string_view name) const = 0;
  // Sorted "kind/name" of all components of a kind.
  virtual std::vector<std::string> Names(absl::string_view kind) const = 0;
  // ComponentsIn of its config.
  virtual std::vector<InnerComponent> Inside(
      const google::protobuf::Any& component) const = 0;
};

class CatalogueFacts final : public ComponentFacts {
 public:
  explicit CatalogueFacts(const Catalogue& catalogue) : catalogue_(catalogue) {}
  const ComponentManifest* Find(absl::string_view kind,
                                absl::string_view name) const override {
    return catalogue_.Find(kind, name);
  }
  std::vector<std::string> Names(absl::string_view kind) const override {
    return catalogue_.Names(kind);
  }
  std::vector<InnerComponent> Inside(
      const google::protobuf::Any& component) const override;

 private:
  const Catalogue& catalogue_;
};

}  // namespace archlab

#endif  // ARCHLAB_COMPONENT_FACTS_H_
