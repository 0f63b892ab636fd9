// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include <filesystem>
#include <system_error>

#include "spec/spec.h"

namespace archlab {

std::string Spec::ResolvePath(absl::string_view path) const {
  const std::string given(path);
  if (given.empty() || given[0] == '/') return given;
  const std::filesystem::path beside =
      std::filesystem::path(directory()) / given;
  std::error_code error;
  return std::filesystem::exists(beside, error) ? beside.string() : given;
}

}  // namespace archlab
