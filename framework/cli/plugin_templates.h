// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What `archlab plugins new` writes: one component of each kind, small but
// complete. In the texts @KIND@, @NAME@, @VENDOR@ and @CLASS@ are replaced, and
// the parts of the kind by their names: @SUMMARY@, @TRAITS@, @INCLUDES@,
// @FIELDS@, @BODY@, @CONFIG@, @TEST@.

#ifndef ARCHLAB_PLUGIN_TEMPLATES_H_
#define ARCHLAB_PLUGIN_TEMPLATES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace archlab {

struct KindTemplate {
  const char* kind;
  const char* base;      // C++ class of the kind
  const char* summary;   // first sentence of the documentation
  const char* traits;    // what the component claims
  const char* includes;  // of the standard library, and an empty line
  const char* fields;    // of the config message
  const char* body;      // of the class
  const char* config;    // one that is not the default
  const char* test;      // of the component's own behaviour
};

extern const KindTemplate kMixerTemplate, kRouterTemplate;

// The template, or nullptr.
const KindTemplate* FindTemplate(absl::string_view kind);
std::vector<std::string> TemplateKinds();

// A file of every project.
struct FileTemplate {
  const char* path;
  const char* text;
};
const std::vector<FileTemplate>& ProjectFiles();

}  // namespace archlab

#endif  // ARCHLAB_PLUGIN_TEMPLATES_H_
