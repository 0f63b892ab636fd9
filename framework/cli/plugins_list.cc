// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab plugins list.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/plugins.h"

namespace archlab {
namespace {

std::string Padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

// Text as it must stand in a cell of a Markdown table.
std::string Cell(const std::string& text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}});
}

}  // namespace

std::string PluginListText(const Catalogue& catalogue) {
  size_t width = 0;
  for (const std::string& name : catalogue.Names())
    width = std::max(width, name.size());
  std::string text;
  for (const std::string& component : catalogue.Names()) {
    absl::string_view kind, name;
    SplitComponent(component, &kind, &name);
    absl::StrAppend(
        &text, Padded(component, width), "  ",
        Padded(catalogue.Provider(kind, name)->manifest.version(), 7), "  ",
        catalogue.Find(kind, name)->summary(), "\n");
  }
  if (text.empty()) text = "No plugins were found.\n";
  for (const PluginFile& file : catalogue.files()) {
    if (!file.status.ok())
      absl::StrAppend(&text, "refused: ", file.path, ": ",
                      file.status.message(), "\n");
    if (file.shadowed)
      absl::StrAppend(&text, "shadowed: ", file.path,
                      ": an earlier directory has one, which is meant\n");
  }
  return text;
}

std::string PluginListMarkdown(const Catalogue& catalogue) {
  std::string text =
      "| kind | component | what it is | source |\n|---|---|---|---|\n";
  std::string last_kind;
  for (const std::string& component : catalogue.Names()) {
    absl::string_view kind, name;
    SplitComponent(component, &kind, &name);
    const ComponentManifest& manifest = *catalogue.Find(kind, name);
    absl::StrAppend(&text, "| ", kind == last_kind ? "" : kind, " | [", name,
                    "](plugins/", component, "/) | ", Cell(manifest.summary()),
                    " | ", Cell(manifest.source()), " |\n");
    last_kind = std::string(kind);
  }
  return text;
}

std::string PluginListJson(const Catalogue& catalogue) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const PluginFile& file : catalogue.files()) {
    nlohmann::ordered_json entry;
    entry["path"] = file.path;
    entry["status"] = !file.status.ok() ? "refused"
                      : file.shadowed   ? "shadowed"
                                        : "ok";
    if (!file.status.ok()) entry["reason"] = std::string(file.status.message());
    entry["id"] = file.manifest.id();
    entry["version"] = file.manifest.version();
    entry["licence"] = file.manifest.licence();
    entry["components"] = nlohmann::ordered_json::array();
    for (const ComponentManifest& component : file.manifest.components())
      entry["components"].push_back({{"kind", component.kind()},
                                     {"name", component.name()},
                                     {"summary", component.summary()},
                                     {"source", component.source()}});
    list.push_back(entry);
  }
  // A refused file may say anything: what is not UTF-8 is replaced.
  return list.dump(2, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace archlab
