// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab-spec-reference SOURCE_DIR: prints docs/spec.md.

#include <cstdio>

#include "spec/reference.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: archlab-spec-reference SOURCE_DIR\n");
    return 2;
  }
  const absl::StatusOr<std::string> text = archlab::SpecReference(argv[1]);
  if (!text.ok()) {
    std::fprintf(stderr, "%s\n", std::string(text.status().message()).c_str());
    return 1;
  }
  std::fputs(text->c_str(), stdout);
}
