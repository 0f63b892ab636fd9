// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Whether an error already says where in the spec it is: a component that is
// made inside another hands such an error through.

#ifndef ARCHLAB_LOCATED_H_
#define ARCHLAB_LOCATED_H_

#include "absl/status/status.h"

namespace archlab {

inline constexpr char kLocatedUrl[] = "archlab/located";

inline absl::Status MarkLocated(absl::Status error) {
  error.SetPayload(kLocatedUrl, absl::Cord("1"));
  return error;
}

inline bool IsLocated(const absl::Status& error) {
  return error.GetPayload(kLocatedUrl).has_value();
}

}  // namespace archlab

#endif  // ARCHLAB_LOCATED_H_
