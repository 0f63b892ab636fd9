// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Style and scripts of pages: files that the build puts into the library
// (embed.cmake).

#ifndef ARCHLAB_ASSETS_H_
#define ARCHLAB_ASSETS_H_

#include "absl/strings/string_view.h"

namespace archlab::report {

extern const absl::string_view kDygraphsCss, kDygraphsJs;  // charts
extern const absl::string_view kReportCss, kReportJs;      // ours
extern const absl::string_view kAttentionPageCss, kAttentionPageJs;

}  // namespace archlab::report

#endif  // ARCHLAB_ASSETS_H_
