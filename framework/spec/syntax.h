// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Syntax tree of a spec: protobuf's text format as it was written, each node
// with its place. It knows no message types; bind.h gives it meaning.
// (protobuf's own text parser is not used: it stops at the first error and
// reports many of them at the wrong token. A test holds this one against it.)

#ifndef ARCHLAB_SYNTAX_H_
#define ARCHLAB_SYNTAX_H_

#include <string>
#include <vector>

#include "spec/source.h"

namespace archlab {

struct SyntaxField;

// What stands behind a field name.
struct SyntaxValue {
  enum Kind {
    kInteger,     // text: 12, 0x1F, without sign
    kFloat,       // text: 1.5, 1e-3, 2f, without sign
    kString,      // text: the bytes, unescaped; adjacent literals joined
    kIdentifier,  // text: true, PRE, inf
    kMessage,     // fields
    kList,        // items
  };
  Kind kind = kMessage;
  Place place;  // of the first byte
  bool negative = false;
  std::string text;
  std::vector<SyntaxField> fields;
  std::vector<SyntaxValue> items;

  // The value as it was written, shortened: for messages to the user.
  std::string Shown() const;
  // When the message holds exactly one [kind/name]: that field.
  const SyntaxField* Component() const;
  SyntaxField* Component();
};

// `name: value`, or `[kind/name] { ... }`.
struct SyntaxField {
  std::string name;  // without the brackets
  bool bracketed = false;
  Place place;  // of the name or of its bracket
  SyntaxValue value;
};

// `path = value`.
struct SyntaxOverride {
  struct Step {
    static constexpr int kNone = -1;  // no index: name
    static constexpr int kAll = -2;   // name[*]
    std::string name;
    int index = kNone;
    Place place;
  };
  std::vector<Step> path;
  SyntaxValue value;
};

// Deepest nesting of braces and lists that is read.
inline constexpr int kMaxDepth = 64;

// Reads a whole spec: a message without braces. The first error of syntax ends
// it and is added to `errors`; false then. `index` is the source's number.
bool ParseSyntax(const Source& source, int index, SyntaxValue* out,
                 SpecErrors* errors);

// Reads an override. Where a value is expected, a component may stand bare:
// [position/rope] {} instead of { [position/rope] {} }.
bool ParseOverride(const Source& source, int index, SyntaxOverride* out,
                   SpecErrors* errors);

}  // namespace archlab

#endif  // ARCHLAB_SYNTAX_H_
