// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Failed checks: the message goes to stderr in one piece, then abort.

#include "archlab/check.h"

#include <cstdio>
#include <cstdlib>

namespace archlab {
namespace {

thread_local const std::string* current_module = nullptr;

}  // namespace

CheckFailure::CheckFailure(const char* file, int line,
                           const std::string& condition) {
  text_ << file << ":" << line << ": check failed: " << condition;
  if (current_module != nullptr) text_ << " in module " << *current_module;
  text_ << " ";
}

CheckFailure::~CheckFailure() {
  text_ << "\n";
  std::fputs(text_.str().c_str(), stderr);
  std::fflush(stderr);
  std::abort();
}

ModuleScope::ModuleScope(const std::string& path) : outer_(current_module) {
  current_module = &path;
}

ModuleScope::~ModuleScope() { current_module = outer_; }

}  // namespace archlab
