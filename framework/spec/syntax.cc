// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Text format to syntax tree, on protobuf's tokenizer.

#include "spec/syntax.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace archlab {
namespace {

using google::protobuf::io::ArrayInputStream;
using google::protobuf::io::ErrorCollector;
using google::protobuf::io::Tokenizer;

class SyntaxParser : private ErrorCollector {
 public:
  SyntaxParser(const Source& source, int index, SpecErrors* errors)
      : source_(source),
        index_(index),
        errors_(errors),
        input_(source.text().data(), static_cast<int>(source.text().size())),
        tokens_(&input_, this) {
    tokens_.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
    tokens_.set_allow_f_after_float(true);
  }

  bool File(SyntaxValue* out);
  bool Override(SyntaxOverride* out);

 private:
  void AddError(int line, int column, const std::string& message) override;

  // Advances; false at the first lexical error.
  bool Next();
  bool Fail(Place place, absl::string_view message);
  bool Unexpected(absl::string_view wanted);
  bool At(char symbol) const {
    return type_ == Tokenizer::TYPE_SYMBOL && text_[0] == symbol;
  }
  // Steps over the symbol when it is there.
  bool Skip(char symbol) { return At(symbol) && Next(); }
  // Steps over the symbol or fails.
  bool Take(char symbol, absl::string_view wanted);
  Place Here() const { return place_; }

  bool Fields(char close, Place open, SyntaxValue* out, int depth);
  bool Field(SyntaxField* out, int depth);
  bool BracketedName(std::string* out);
  bool Value(SyntaxValue* out, int depth);
  bool Message(SyntaxValue* out, int depth);
  bool List(SyntaxValue* out, int depth);
  bool Scalar(SyntaxValue* out);
  bool Component(Place open, const std::string& first, SyntaxValue* out,
                 int depth);
  bool TooDeep(int depth);
  bool Step(SyntaxOverride::Step* out);

  const Source& source_;
  const int index_;
  SpecErrors* const errors_;
  ArrayInputStream input_;
  Tokenizer tokens_;
  Source::Hint hint_;
  bool failed_ = false;
  bool override_ = false;  // bare components are allowed
  // The token under way.
  Tokenizer::TokenType type_ = Tokenizer::TYPE_START;
  std::string text_;
  Place place_;
};

void SyntaxParser::AddError(int line, int column, const std::string& message) {
  if (failed_) return;
  Source::Hint hint;
  std::string text = message;
  while (!text.empty() && text.back() == '.') text.pop_back();
  if (!text.empty()) text[0] = absl::ascii_tolower(text[0]);
  Fail({index_, source_.OffsetOf(line, column, &hint)}, text);
}

bool SyntaxParser::Fail(Place place, absl::string_view message) {
  if (!failed_) errors_->Add(place, "", message);
  failed_ = true;
  return false;
}

bool SyntaxParser::Next() {
  tokens_.Next();
  type_ = tokens_.current().type;
  text_ = tokens_.current().text;
  place_ = {index_, type_ == Tokenizer::TYPE_END
                        ? source_.text().size()
                        : source_.OffsetOf(tokens_.current().line,
                                           tokens_.current().column, &hint_)};
  return !failed_;
}

bool SyntaxParser::Unexpected(absl::string_view wanted) {
  if (failed_) return false;
  std::string found = absl::StrCat("'", text_.substr(0, 40), "'");
  if (type_ == Tokenizer::TYPE_END)
    found = index_ == 0 ? "the end of the file" : "the end of the override";
  return Fail(Here(), absl::StrCat("expected ", wanted, ", found ", found));
}

bool SyntaxParser::Take(char symbol, absl::string_view wanted) {
  return At(symbol) ? Next() : Unexpected(wanted);
}

bool SyntaxParser::File(SyntaxValue* out) {
  out->kind = SyntaxValue::kMessage;
  out->place = {index_, 0};
  return Next() && Fields('\0', Here(), out, 0);
}

// Fields up to `close` (or, where that is 0, to the end of the text).
bool SyntaxParser::Fields(char close, Place open, SyntaxValue* out, int depth) {
  while (close != '\0' ? !At(close) : type_ != Tokenizer::TYPE_END) {
    if (type_ == Tokenizer::TYPE_END)
      return Fail(open, absl::StrCat("this brace is never closed; '",
                                     std::string(1, close), "' is missing"));
    if (At('}') || At('>') || At(']'))
      return close == '\0'
                 ? Fail(Here(), absl::StrCat("'", text_, "' closes nothing"))
                 : Unexpected(absl::StrCat("a field or '",
                                           std::string(1, close), "'"));
    out->fields.emplace_back();
    if (!Field(&out->fields.back(), depth)) return false;
    // Not after a component: protobuf's own parser takes none there.
    if ((At(',') || At(';')) && !out->fields.back().bracketed && !Next())
      return false;
  }
  return !failed_;
}

bool SyntaxParser::Field(SyntaxField* out, int depth) {
  out->place = Here();
  if (At('[')) {
    out->bracketed = true;
    if (!BracketedName(&out->name)) return false;
  } else if (type_ == Tokenizer::TYPE_IDENTIFIER) {
    out->name = text_;
    if (!Next()) return false;
  } else {
    return Unexpected("the name of a field");
  }
  if (At(':')) return Next() && Value(&out->value, depth);
  if (At('{') || At('<')) return Message(&out->value, depth);
  return Unexpected(absl::StrCat("':' or '{' after '", out->name, "'"));
}

// [kind/name]; also what others write there, for better messages later.
bool SyntaxParser::BracketedName(std::string* out) {
  if (!Next()) return false;  // the bracket
  bool after_word = false;
  while ((type_ == Tokenizer::TYPE_IDENTIFIER && !after_word) || At('/') ||
         At('.') || At('-')) {
    after_word = type_ == Tokenizer::TYPE_IDENTIFIER;
    absl::StrAppend(out, text_);
    if (out->size() > 500) return Fail(Here(), "this name is too long");
    if (!Next()) return false;
  }
  if (out->empty()) return Unexpected("a component, [kind/name]");
  return Take(']', "']'");
}

bool SyntaxParser::Value(SyntaxValue* out, int depth) {
  if (At('{') || At('<')) return Message(out, depth);
  if (At('[')) return List(out, depth);
  return Scalar(out);
}

bool SyntaxParser::Message(SyntaxValue* out, int depth) {
  if (TooDeep(depth)) return false;
  out->kind = SyntaxValue::kMessage;
  out->place = Here();
  const char close = At('{') ? '}' : '>';
  return Next() && Fields(close, out->place, out, depth + 1) && Next();
}

bool SyntaxParser::List(SyntaxValue* out, int depth) {
  const Place open = Here();
  if (TooDeep(depth) || !Next()) return false;
  out->kind = SyntaxValue::kList;
  out->place = open;
  if (At(']')) return Next();
  bool have_item = false;
  if (type_ == Tokenizer::TYPE_IDENTIFIER) {
    const Place place = Here();
    const std::string first = text_;
    if (!Next()) return false;
    if (At('/')) return Component(open, first, out, depth);
    out->items.push_back(
        {SyntaxValue::kIdentifier, place, false, first, {}, {}});
    have_item = true;
  }
  while (true) {
    if (!have_item) {
      out->items.emplace_back();
      if (!Value(&out->items.back(), depth + 1)) return false;
    }
    have_item = false;
    if (At(']')) return Next();
    if (type_ == Tokenizer::TYPE_END)
      return Fail(open, "this list is never closed; ']' is missing");
    if (!Take(',', "',' or ']'")) return false;
  }
}

// The rest of `[kind/name] { ... }` that stands where a value is expected.
bool SyntaxParser::Component(Place open, const std::string& first,
                             SyntaxValue* out, int depth) {
  std::string name = first;
  while (At('/') || type_ == Tokenizer::TYPE_IDENTIFIER) {
    absl::StrAppend(&name, text_);
    if (!Next()) return false;
  }
  if (!override_)
    return Fail(open, absl::StrCat("a component stands in braces, without a "
                                   "colon before them: { [",
                                   name, "] { ... } }"));
  if (!Take(']', "']'")) return false;
  out->kind = SyntaxValue::kMessage;
  out->fields.push_back({name, true, open, {}});
  if (!At('{') && !At('<')) return Unexpected("'{' after the component");
  return Message(&out->fields.back().value, depth);
}

bool SyntaxParser::TooDeep(int depth) {
  return depth >= kMaxDepth &&
         !Fail(Here(),
               absl::StrCat("nested deeper than ", kMaxDepth, " levels"));
}

bool SyntaxParser::Scalar(SyntaxValue* out) {
  out->place = Here();
  if (At('-')) {
    out->negative = true;
    if (!Next()) return false;
  }
  switch (type_) {
    case Tokenizer::TYPE_INTEGER:
      out->kind = SyntaxValue::kInteger;
      break;
    case Tokenizer::TYPE_FLOAT:
      out->kind = SyntaxValue::kFloat;
      break;
    case Tokenizer::TYPE_IDENTIFIER:
      out->kind = SyntaxValue::kIdentifier;
      break;
    case Tokenizer::TYPE_STRING:
      if (out->negative) return Unexpected("a number after '-'");
      out->kind = SyntaxValue::kString;
      for (; type_ == Tokenizer::TYPE_STRING;) {
        Tokenizer::ParseStringAppend(text_, &out->text);
        if (!Next()) return false;
      }
      return true;
    default:
      return Unexpected(override_
                            ? "a value (text stands in quotes: PATH = \"TEXT\")"
                            : "a value");
  }
  out->text = text_;
  return Next();
}

bool SyntaxParser::Override(SyntaxOverride* out) {
  override_ = true;
  if (!Next()) return false;
  do {
    out->path.emplace_back();
    if (!Step(&out->path.back())) return false;
  } while (Skip('.'));
  if (!Take('=', "'.', '[' or '=' (an override is PATH = VALUE)")) return false;
  if (!Value(&out->value, 0)) return false;
  if (type_ != Tokenizer::TYPE_END)
    return Unexpected(
        "the end of the override (text stands in quotes: PATH = \"TEXT\")");
  return !failed_;
}

bool SyntaxParser::Step(SyntaxOverride::Step* out) {
  out->place = Here();
  if (type_ != Tokenizer::TYPE_IDENTIFIER)
    return Unexpected("the name of a field (an override is PATH = VALUE)");
  out->name = text_;
  if (!Next()) return false;
  if (!At('[')) return true;
  if (!Next()) return false;
  if (At('*')) {
    out->index = SyntaxOverride::Step::kAll;
  } else if (type_ != Tokenizer::TYPE_INTEGER ||
             !absl::SimpleAtoi(text_, &out->index)) {
    return Unexpected("the number of an element, from 0, or '*' for all");
  }
  return Next() && Take(']', "']'");
}

}  // namespace

std::string SyntaxValue::Shown() const {
  if (kind == kMessage) return "a message";
  if (kind == kList) return "a list";
  size_t end = std::min<size_t>(text.size(), 60);
  while (end < text.size() && (text[end] & 0xC0) == 0x80) --end;
  std::string shown = text.substr(0, end) + (end < text.size() ? "..." : "");
  if (kind == kString)
    return absl::StrCat("\"",
                        FindInvalidUtf8(shown) < 0
                            ? absl::Utf8SafeCEscape(shown)
                            : absl::CEscape(shown),
                        "\"");
  return absl::StrCat(negative ? "-" : "", shown);
}

const SyntaxField* SyntaxValue::Component() const {
  return kind == kMessage && fields.size() == 1 && fields[0].bracketed
             ? &fields[0]
             : nullptr;
}

SyntaxField* SyntaxValue::Component() {
  return const_cast<SyntaxField*>(
      static_cast<const SyntaxValue*>(this)->Component());
}

bool ParseSyntax(const Source& source, int index, SyntaxValue* out,
                 SpecErrors* errors) {
  return SyntaxParser(source, index, errors).File(out);
}

bool ParseOverride(const Source& source, int index, SyntaxOverride* out,
                   SpecErrors* errors) {
  return SyntaxParser(source, index, errors).Override(out);
}

}  // namespace archlab
