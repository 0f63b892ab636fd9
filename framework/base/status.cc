// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Errors about one field of a config carry the field's path as a payload.

#include "archlab/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_join.h"

namespace archlab {
namespace {

constexpr char kFieldPathUrl[] = "archlab/field_path";

}  // namespace

absl::Status FieldError(std::initializer_list<int> path,
                        absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kFieldPathUrl, absl::Cord(absl::StrJoin(path, ".")));
  return status;
}

std::string FieldErrorPath(const absl::Status& status) {
  const auto path = status.GetPayload(kFieldPathUrl);
  return path.has_value() ? std::string(*path) : std::string();
}

}  // namespace archlab
