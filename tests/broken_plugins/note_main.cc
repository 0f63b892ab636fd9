// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Writes the note of a broken plugin: broken_note VARIANT OUTPUT.

#include <fstream>
#include <string>

#include "registry/manifest.h"

namespace {

archlab::Manifest MakeManifest(const std::string& variant) {
  // What "good" has: some variants take it away from it.
  const bool other_proto = variant == "same_message";
  const std::string owner = variant == "same_proto" ? "good" : variant;
  const std::string message =
      variant == "same_message" ? "good_config" : owner + "_config";
  archlab::Manifest manifest;
  manifest.set_id("broken.attention." +
                  (variant == "same_id" ? std::string("good") : variant));
  manifest.set_version("0.1.0");
  auto* file = manifest.mutable_descriptors()->add_file();
  file->set_name("plugins/attention/" + (other_proto ? variant : owner) +
                 "/config.proto");
  file->set_package("broken.attention");
  file->add_message_type()->set_name(message);
  auto* component = manifest.add_components();
  component->set_kind(variant == "unknown_kind" ? "intention" : "attention");
  component->set_name(variant);
  component->set_config_type("broken.attention." + (variant == "no_config_type"
                                                        ? std::string("Nothing")
                                                        : message));
  component->set_interface_revision(variant == "old_revision" ? 0 : 1);
  if (variant == "promises_more") {
    *manifest.add_components() = *component;
    manifest.mutable_components(1)->set_name("and_more");
  }
  return manifest;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string variant = argv[1];
  std::string source = archlab::NoteSource(MakeManifest(variant));
  if (variant == "wrong_sdk")
    source.insert(source.find("ARCHLAB_PLUGIN_NOTES"),
                  "#undef ARCHLAB_SDK_NUMBER\n"
                  "#define ARCHLAB_SDK_NUMBER 999\n\n");
  std::ofstream(argv[2]) << source;
  return 0;
}
