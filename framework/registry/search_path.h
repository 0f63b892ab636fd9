// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which files of a plugin directory are candidates. (SearchPath itself is in
// catalogue.h.)

#ifndef ARCHLAB_SEARCH_PATH_H_
#define ARCHLAB_SEARCH_PATH_H_

#include <string>
#include <vector>

namespace archlab {

// Paths <directory>/<kind>/*.so of all kinds, sorted. Empty when there is no
// such directory.
std::vector<std::string> PluginCandidates(const std::string& directory);

// "attention/dense" of ".../attention/dense.so".
std::string ComponentOfPath(const std::string& path);

}  // namespace archlab

#endif  // ARCHLAB_SEARCH_PATH_H_
