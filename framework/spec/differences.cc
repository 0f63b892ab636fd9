// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/differences.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "archlab/check.h"
#include "spec/bind.h"
#include "spec/syntax.h"

namespace archlab {
namespace {

constexpr size_t kMaxShown = 80;

std::string ShownWhole(const SyntaxValue& value);

std::string InBraces(const SyntaxValue& message) {
  const std::string inside = ShownWhole(message);
  return inside.empty() ? "{}" : absl::StrCat("{ ", inside, " }");
}

// "[position/rope] { theta: 10000 }".
std::string ShownWhole(const SyntaxValue& value) {
  if (value.kind != SyntaxValue::kMessage) return value.Shown();
  std::vector<std::string> fields;
  fields.reserve(value.fields.size());
  for (const SyntaxField& field : value.fields)
    fields.push_back(
        field.bracketed ? absl::StrCat("[", field.name, "] { ",
                                       ShownWhole(field.value), " }")
        : field.value.kind == SyntaxValue::kMessage
            ? absl::StrCat(field.name, " ", InBraces(field.value))
            : absl::StrCat(field.name, ": ", ShownWhole(field.value)));
  return absl::StrJoin(fields, " ");
}

// Cut where it is long, at a character's border.
std::string ShownShort(const SyntaxValue* value) {
  if (value == nullptr) return "";
  std::string text = ShownWhole(*value);
  if (text.empty()) return "{}";
  if (text.size() <= kMaxShown) return text;
  size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end) + "...";
}

class Differ {
 public:
  explicit Differ(std::vector<SpecDifference>* found) : found_(found) {}

  void Compare(const std::string& path, const SyntaxValue* a,
               const SyntaxValue* b) {
    if (a == nullptr || b == nullptr || a->kind != b->kind ||
        a->kind != SyntaxValue::kMessage) {
      if (a != nullptr && b != nullptr && a->kind == b->kind &&
          a->negative == b->negative && a->text == b->text)
        return;
      found_->push_back({path, ShownShort(a), ShownShort(b)});
      return;
    }
    const SyntaxField* component_a = a->Component();
    const SyntaxField* component_b = b->Component();
    if ((component_a == nullptr) != (component_b == nullptr) ||
        (component_a != nullptr && component_a->name != component_b->name)) {
      found_->push_back({path, ShownShort(a), ShownShort(b)});
    } else if (component_a != nullptr) {
      Compare(path, &component_a->value, &component_b->value);
    } else {
      CompareFields(path, *a, *b);
    }
  }

 private:
  // The n-th field of that name.
  static const SyntaxValue* Find(const SyntaxValue& message,
                                 const std::string& name, int n) {
    for (const SyntaxField& field : message.fields)
      if (field.name == name && n-- == 0) return &field.value;
    return nullptr;
  }

  static int Count(const SyntaxValue& message, const std::string& name) {
    return static_cast<int>(std::count_if(
        message.fields.begin(), message.fields.end(),
        [&](const SyntaxField& field) { return field.name == name; }));
  }

  void CompareFields(const std::string& path, const SyntaxValue& a,
                     const SyntaxValue& b) {
    std::vector<std::string> names;
    for (const SyntaxValue* side : {&a, &b})
      for (const SyntaxField& field : side->fields)
        if (std::count(names.begin(), names.end(), field.name) == 0)
          names.push_back(field.name);
    for (const std::string& name : names) {
      const int times = std::max(Count(a, name), Count(b, name));
      for (int n = 0; n < times; ++n) {
        const std::string inner = JoinPath(path, name);
        Compare(times == 1 ? inner : absl::StrCat(inner, "[", n, "]"),
                Find(a, name, n), Find(b, name, n));
      }
    }
  }

  std::vector<SpecDifference>* const found_;
};

// What a spec resolves to always parses.
SyntaxValue Parsed(const std::string& text) {
  SyntaxValue root;
  SpecErrors errors;
  ARCHLAB_CHECK(ParseSyntax(Source("resolved", text), 0, &root, &errors));
  return root;
}

}  // namespace

std::vector<SpecDifference> DifferencesOf(const std::string& from,
                                          const std::string& to) {
  std::vector<SpecDifference> found;
  const SyntaxValue a = Parsed(from), b = Parsed(to);
  Differ(&found).Compare("", &a, &b);
  found.erase(std::remove_if(found.begin(), found.end(),
                             [](const SpecDifference& each) {
                               return each.path == "name" ||
                                      each.path == "question";
                             }),
              found.end());
  return found;
}

// Element numbers are left aside where either side has none: a repeated field
// of one element is shown without.
bool CoversPath(const std::string& path, const std::string& at) {
  const std::vector<std::string> set = absl::StrSplit(path, '.');
  const std::vector<std::string> found = absl::StrSplit(at, '.');
  if (set.size() > found.size()) return absl::StartsWith(path, at + ".");
  for (size_t i = 0; i < set.size(); ++i) {
    const std::vector<std::string> a = absl::StrSplit(set[i], '[');
    const std::vector<std::string> b = absl::StrSplit(found[i], '[');
    if (a[0] != b[0]) return false;
    if (a.size() > 1 && b.size() > 1 && a[1] != "*]" && a[1] != b[1])
      return false;
  }
  return true;
}

}  // namespace archlab
