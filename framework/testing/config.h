// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Configs of components under test: from text, and changed in many ways.

#ifndef ARCHLAB_TESTING_CONFIG_H_
#define ARCHLAB_TESTING_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/catalogue.h"

namespace archlab {

// The catalogue of all plugins on the default search path; read once.
const Catalogue& TestCatalogue();

// Text form -> serialized config of the component.
absl::StatusOr<std::string> ConfigFromText(absl::string_view kind,
                                           absl::string_view name,
                                           const std::string& text);
// Serialized -> text, with every field that is set.
std::string ConfigToText(absl::string_view kind, absl::string_view name,
                         const std::string& bytes);
// Whether a spec must set a field of the config.
bool HasRequiredFields(absl::string_view kind, absl::string_view name);

// Serialized configs that differ from `bytes` in one field: every enum value
// and both booleans; ends of ranges as far as they are small, and numbers
// between. All of them pass a spec's range checks.
std::vector<std::string> ChangedConfigs(absl::string_view kind,
                                        absl::string_view name,
                                        const std::string& bytes);

}  // namespace archlab

#endif  // ARCHLAB_TESTING_CONFIG_H_
