// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab plugins new: writes the project of a plugin.

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/suggest.h"
#include "cli/plugin_templates.h"
#include "cli/plugins.h"
#include "registry/kinds.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;
using Replacements = std::vector<std::pair<std::string, std::string>>;

// "my_window" -> "MyWindow".
std::string ClassName(absl::string_view name) {
  std::string result;
  bool upper = true;
  for (char c : name) {
    if (c != '_') result.push_back(upper ? absl::ascii_toupper(c) : c);
    upper = c == '_';
  }
  return result;
}

// A vendor is a C++ namespace and a proto package.
absl::Status CheckVendor(absl::string_view vendor) {
  const std::vector<absl::string_view> taken = absl::StrSplit(
      "alignas alignof and asm auto bitand bitor bool break case "
      "catch char class compl concept const consteval constexpr "
      "constinit continue decltype default delete do double "
      "else enum explicit export extern false float for friend "
      "goto if inline int long main mutable namespace new "
      "noexcept not nullptr operator or private protected "
      "public register requires return short signed sizeof "
      "static std struct switch template this throw true try "
      "typedef typeid typename union unsigned using virtual "
      "void volatile while xor absl google testing",
      ' ');
  if (std::count(taken.begin(), taken.end(), vendor) == 0)
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", vendor,
      "' cannot be a vendor: it names a C++ namespace, and the word is taken"));
}

absl::Status CheckName(absl::string_view what, absl::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  };
  if (!name.empty() && name.size() <= 64 && absl::ascii_islower(name[0]) &&
      std::all_of(name.begin(), name.end(), allowed))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name, "' is no ", what,
      ": write at most 64 small letters, digits and _, a letter first"));
}

// What stands in each place of the example spec: the new component in its own,
// plain ones elsewhere.
Replacements SpecParts(const PluginProject& project,
                       const KindTemplate& parts) {
  const std::string own = absl::StrCat("[", project.kind, "/", project.name,
                                       "] { ", parts.config, " }");
  std::map<std::string, std::string> places = {
      {"attention", "[attention/dense] {}"},
      {"feed_forward", "[feed_forward/mlp] {}"},
      {"norm", "[norm/rms_norm] {}"},
      {"position", "[position/rope] {}"},
      {"sampler", "[sampler/temperature] {}"}};
  places[project.kind] = own;
  places["sequence"] =
      absl::StrCat("attention {\n            heads: 4\n            core { ",
                   places["attention"], " }\n          }");
  if (project.kind == "mixer") {
    places["sequence"] = absl::StrCat("mixer { ", own, " }");
    places["position"] = "[position/none] {}";  // rope turns attention's q, k
  }
  if (project.kind == "router")
    places["feed_forward"] = absl::StrCat(
        "[feed_forward/moe] {\n            experts: 4\n            expert { ",
        places["feed_forward"], " }\n            router { ", own,
        " }\n          }");
  Replacements result;
  for (const auto& [place, text] : places)
    result.emplace_back(
        absl::StrCat("@SPEC_", absl::AsciiStrToUpper(place), "@"), text);
  return result;
}

// Where to start with a kind that has no template.
struct Start {
  const char* kind;
  const char* component;  // the shortest one
};
constexpr Start kStarts[] = {{"dataset", "reverse"},
                             {"objective", "causal_lm"},
                             {"optimizer", "lion"},
                             {"schedule", "constant"},
                             {"tokenizer", "byte"}};

absl::Status NoTemplate(const std::string& kind) {
  const std::string kinds = absl::StrJoin(TemplateKinds(), ", ");
  for (const Start& start : kStarts)
    if (kind == start.kind)
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no template of kind '", kind, "': plugins/", kind, "/",
          start.component,
          " in archlab's sources is as short as one would be. Start a project "
          "of another kind (",
          kinds,
          "), put that .proto, .cc and _test.cc in place of its own, "
          "and write their kind and name in its CMakeLists.txt"));
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no kind '", kind, "'.", DidYouMean(kind, KindNames()),
      " There are templates of ", kinds));
}

absl::Status CheckProject(const PluginProject& project) {
  if (!FindTemplate(project.kind)) return NoTemplate(project.kind);
  ARCHLAB_RETURN_IF_ERROR(CheckName("name", project.name));
  ARCHLAB_RETURN_IF_ERROR(CheckName("vendor", project.vendor));
  ARCHLAB_RETURN_IF_ERROR(CheckVendor(project.vendor));
  std::error_code error;
  if (fs::exists(project.directory, error) &&
      !(fs::is_directory(project.directory, error) &&
        fs::is_empty(project.directory, error)))
    return absl::AlreadyExistsError(
        absl::StrCat(project.directory,
                     ": exists and is not an empty directory. Name a new one"));
  return absl::OkStatus();
}

}  // namespace

absl::Status WritePluginProject(const PluginProject& project) {
  ARCHLAB_RETURN_IF_ERROR(CheckProject(project));
  const KindTemplate& parts = *FindTemplate(project.kind);
  // The parts of the kind hold names themselves, so they are put in first.
  Replacements outer = {
      {"@SUMMARY@", parts.summary},   {"@TRAITS@", parts.traits},
      {"@INCLUDES@", parts.includes}, {"@FIELDS@", parts.fields},
      {"@BODY@", parts.body},         {"@TEST@", parts.test},
      {"@BASE@", parts.base},         {"@CONFIG@", parts.config}};
  for (auto& each : SpecParts(project, parts)) outer.push_back(each);
  const Replacements names = {{"@KIND@", project.kind},
                              {"@NAME@", project.name},
                              {"@VENDOR@", project.vendor},
                              {"@CLASS@", ClassName(project.name)}};
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(project.directory));
  for (const FileTemplate& file : ProjectFiles()) {
    const fs::path path =
        fs::path(project.directory) / absl::StrReplaceAll(file.path, names);
    ARCHLAB_RETURN_IF_ERROR(WriteFileAtomically(
        path.string(),
        absl::StrReplaceAll(absl::StrReplaceAll(file.text, outer), names)));
  }
  return absl::OkStatus();
}

}  // namespace archlab
