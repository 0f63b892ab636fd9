// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Checks of what only a programmer can get wrong. A failed check prints the
// place, the condition, the operands and the module under way, and aborts. No
// check can be reached from user input: that is what absl::Status is for.

#ifndef ARCHLAB_CHECK_H_
#define ARCHLAB_CHECK_H_

#include <sstream>
#include <string>

namespace archlab {

// Collects a message with << and aborts when it goes out of scope.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const std::string& condition);
  [[noreturn]] ~CheckFailure();
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;
  std::ostream& stream() { return text_; }

 private:
  std::ostringstream text_;
};

// Names the module under way ("decoder.3.attention") in failed checks made on
// this thread until it goes out of scope.
class ModuleScope {
 public:
  explicit ModuleScope(const std::string& path);
  ~ModuleScope();
  ModuleScope(const ModuleScope&) = delete;
  ModuleScope& operator=(const ModuleScope&) = delete;

 private:
  const std::string* const outer_;
};

template <class A, class B>
std::string CheckOperands(const char* text, const A& a, const B& b) {
  std::ostringstream out;
  out << text << " (" << a << " against " << b << ")";
  return out.str();
}

}  // namespace archlab

#define ARCHLAB_CHECK(condition) \
  while (!(condition))           \
  ::archlab::CheckFailure(__FILE__, __LINE__, #condition).stream()
#define ARCHLAB_CHECK_OP_(op, a, b)                          \
  while (!((a)op(b)))                                        \
  ::archlab::CheckFailure(                                   \
      __FILE__, __LINE__,                                    \
      ::archlab::CheckOperands(#a " " #op " " #b, (a), (b))) \
      .stream()
#define ARCHLAB_CHECK_EQ(a, b) ARCHLAB_CHECK_OP_(==, a, b)
#define ARCHLAB_CHECK_NE(a, b) ARCHLAB_CHECK_OP_(!=, a, b)
#define ARCHLAB_CHECK_LT(a, b) ARCHLAB_CHECK_OP_(<, a, b)
#define ARCHLAB_CHECK_LE(a, b) ARCHLAB_CHECK_OP_(<=, a, b)
#define ARCHLAB_CHECK_GT(a, b) ARCHLAB_CHECK_OP_(>, a, b)
#define ARCHLAB_CHECK_GE(a, b) ARCHLAB_CHECK_OP_(>=, a, b)

#endif  // ARCHLAB_CHECK_H_
