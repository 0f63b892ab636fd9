// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Names of instruction sets.

#include "kernels/isa.h"

#include "absl/strings/str_cat.h"
#include "kernels/onednn.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/isa.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace archlab {
namespace HWY_NAMESPACE {

const char* OwnTarget() { return hwy::TargetName(HWY_TARGET); }

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace archlab
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace archlab {
namespace {

HWY_EXPORT(OwnTarget);

}  // namespace

std::string IsaName() {
  return absl::StrCat(HWY_DYNAMIC_DISPATCH(OwnTarget)(), " ", OneDnnIsa());
}

std::string LibraryVersions() {
  return absl::StrCat("oneDNN ", OneDnnVersion());
}

}  // namespace archlab
#endif  // HWY_ONCE
