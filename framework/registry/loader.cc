// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Loads plugins; see loader.h.

#include "registry/loader.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <exception>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"

namespace archlab {
namespace {

constexpr char kSymbol[] = "archlab_plugin_v1";

absl::Status LoadError(const std::string& path, absl::string_view reason) {
  // ld.so begins with the path too when the file itself is at fault.
  const bool named = absl::StartsWith(reason, path);
  std::string text =
      named ? std::string(reason) : absl::StrCat(path, ": ", reason);
  if (absl::StrContains(reason, "cannot open shared object file"))
    absl::StrAppend(&text,
                    ". A library that the plugin needs is missing: 'ldd ", path,
                    "' lists them");
  if (absl::StrContains(reason, "undefined symbol"))
    absl::StrAppend(&text,
                    ". The plugin was linked against other headers or without "
                    "all its sources; rebuild it with archlab_plugin()");
  return absl::FailedPreconditionError(text);
}

// Registered and promised components must be the same, with the revisions.
absl::Status CompareWithManifest(const std::string& path,
                                 const PluginEntry& entry,
                                 const Manifest& manifest) {
  std::vector<bool> registered(manifest.components_size());
  for (uint32_t i = 0; i < entry.component_count; ++i) {
    const ComponentEntry& component = entry.components[i];
    bool promised = false;
    for (int j = 0; j < manifest.components_size(); ++j) {
      const ComponentManifest& promise = manifest.components(j);
      if (promise.kind() != component.kind || promise.name() != component.name)
        continue;
      promised = registered[j] = true;
      if (promise.interface_revision() != component.interface_revision)
        return absl::FailedPreconditionError(absl::StrCat(
            path, ": registers revision ", component.interface_revision,
            " of the interface '", promise.kind(), "', but its manifest says ",
            promise.interface_revision(), ". Build all of it again"));
    }
    if (!promised)
      return absl::FailedPreconditionError(absl::StrCat(
          path, ": registers ", component.kind, "/", component.name,
          ", which its manifest does not promise. Give archlab_plugin() the "
          "KIND and NAME of the code"));
  }
  for (size_t j = 0; j < registered.size(); ++j)
    if (!registered[j])
      return absl::FailedPreconditionError(absl::StrCat(
          path, ": its manifest promises ", manifest.components(j).kind(), "/",
          manifest.components(j).name(),
          ", but it does not register it. Use ARCHLAB_PLUGIN in its .cc"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<const PluginEntry*> LoadPlugin(const std::string& path,
                                              const Manifest& manifest) {
  namespace dll = boost::dll;
  constexpr auto kMode =
      static_cast<dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  const PluginEntry* entry = nullptr;
  try {
    boost::dll::fs::error_code error;
    // RTLD_NODELETE: the plugin stays when `library` goes out of scope.
    dll::shared_library library;
    library.load(path, error, kMode);
    if (error) {
      const char* reason = ::dlerror();
      return LoadError(path, reason ? reason : "cannot be loaded");
    }
    if (!library.has(kSymbol))
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": does not export ", kSymbol,
                       ". Put ARCHLAB_PLUGIN(YourClass) into its .cc"));
    entry = &library.get<const PluginEntry>(kSymbol);
  } catch (const std::exception& error) {
    return LoadError(path, error.what());
  }
  if (entry->struct_size != sizeof(PluginEntry) ||
      entry->sdk_number != kSdkNumber)
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": registers with SDK ", entry->sdk_number, ", but this is SDK ",
        kSdkNumber, ". Rebuild it against this installation of archlab"));
  ARCHLAB_RETURN_IF_ERROR(CompareWithManifest(path, *entry, manifest));
  return entry;
}

absl::StatusOr<std::unique_ptr<Component>> CallFactory(
    const ComponentEntry& entry, absl::string_view config,
    const BuildContext& context) {
  try {
    absl::StatusOr<std::unique_ptr<Component>> made =
        entry.create(config, context);
    if (made.ok() && *made == nullptr)
      return absl::InternalError("the factory returned no component");
    return made;
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("the factory threw an exception: ", error.what()));
  } catch (...) {
    return absl::InternalError(
        "the factory threw something that is no std::exception");
  }
}

}  // namespace archlab
