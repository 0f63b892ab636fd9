// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Status helpers. Errors of the outside world (files, specs, plugins, the
// command line) travel as absl::Status; nothing in archlab throws.

#ifndef ARCHLAB_STATUS_H_
#define ARCHLAB_STATUS_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace archlab {

// An InvalidArgument status about one field of a component's config. The host
// turns the path of field numbers into file:line:col of the spec (or of the
// override that set the field), so the message says only what is wrong and
// what would be right: FieldError({Config::kWindowFieldNumber},
// "must be smaller than the sequence, 64 tokens, but is 128").
absl::Status FieldError(std::initializer_list<int> path,
                        absl::string_view message);

// The path of field numbers that FieldError stored, as "1.3"; empty when the
// status was made otherwise.
std::string FieldErrorPath(const absl::Status& status);

}  // namespace archlab

// Leaves the function with the status when it is not OK.
#define ARCHLAB_RETURN_IF_ERROR(expr)                                 \
  do {                                                                \
    if (absl::Status archlab_status_ = (expr); !archlab_status_.ok()) \
      return archlab_status_;                                         \
  } while (false)

// ARCHLAB_ASSIGN_OR_RETURN(auto x, F()): x is F's value, or the function ends
// with F's status.
#define ARCHLAB_ASSIGN_OR_RETURN(lhs, expr) \
  ARCHLAB_ASSIGN_OR_RETURN_(ARCHLAB_CONCAT_(archlab_or_, __LINE__), lhs, expr)
#define ARCHLAB_CONCAT_INNER_(a, b) a##b
#define ARCHLAB_CONCAT_(a, b) ARCHLAB_CONCAT_INNER_(a, b)
#define ARCHLAB_ASSIGN_OR_RETURN_(tmp, lhs, expr) \
  auto tmp = (expr);                              \
  if (!tmp.ok()) return std::move(tmp).status();  \
  lhs = std::move(tmp).value()

#endif  // ARCHLAB_STATUS_H_
