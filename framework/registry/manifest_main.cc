// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab-manifest: run by archlab_plugin() to check a plugin's .proto and to
// write the source of its ELF note.
//
//   archlab-manifest KIND NAME VERSION PROTO DESCRIPTORS OUTPUT

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "registry/manifest.h"

namespace archlab {
namespace {

// What follows SPDX-License-Identifier in the file, or "".
std::string Licence(const std::string& path) {
  static constexpr char kMark[] = "SPDX-License-Identifier:";
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t at = line.find(kMark);
    if (at == std::string::npos) continue;
    return std::string(absl::StripAsciiWhitespace(
        absl::string_view(line).substr(at + sizeof(kMark) - 1)));
  }
  return "";
}

int Main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr,
                 "usage: archlab-manifest KIND NAME VERSION PROTO DESCRIPTORS "
                 "OUTPUT\n");
    return 2;
  }
  ManifestRequest request;
  request.kind = argv[1];
  request.name = argv[2];
  request.version = argv[3];
  request.proto_path = argv[4];
  request.licence = Licence(argv[4]);
  std::ifstream descriptors(argv[5], std::ios::binary);
  if (!request.descriptors.ParseFromIstream(&descriptors)) {
    std::fprintf(stderr, "%s: cannot read the descriptors\n", argv[5]);
    return 1;
  }
  const absl::StatusOr<Manifest> manifest = MakeManifest(request);
  if (!manifest.ok()) {
    std::fprintf(stderr, "%s\n",
                 std::string(manifest.status().message()).c_str());
    return 1;
  }
  std::ofstream output(argv[6], std::ios::binary);
  output << NoteSource(*manifest);
  output.close();
  if (!output) {
    std::fprintf(stderr, "%s: cannot write\n", argv[6]);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) { return archlab::Main(argc, argv); }
