// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Scalars: types, enums, ranges.

#include "spec/scalar.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/plugin.pb.h"
#include "base/suggest.h"
#include "base/utf8.h"

namespace archlab {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string But(absl::string_view wanted, const SyntaxValue& value) {
  return absl::StrCat("must be ", wanted, ", but is ", value.Shown());
}

// Digits to a number of at most 64 bits; decimal or 0x.
std::string Magnitude(const SyntaxValue& value, uint64_t* out) {
  absl::string_view text = value.text;
  const bool hex = absl::StartsWithIgnoreCase(text, "0x");
  if (!hex && text.size() > 1 && text[0] == '0')
    return absl::StrCat("begins with a zero, which would make it octal: ",
                        value.Shown());
  const bool fits =
      hex ? absl::SimpleHexAtoi(text, out) : absl::SimpleAtoi(text, out);
  return fits ? "" : absl::StrCat("is too large a number: ", value.Shown());
}

// A whole number in [-2^63, 2^64) as its two's complement and a sign.
std::string WholeNumber(const SyntaxValue& value, int bits, bool is_signed,
                        uint64_t* out) {
  if (value.kind != SyntaxValue::kInteger) return But("a whole number", value);
  uint64_t magnitude = 0;
  if (std::string wrong = Magnitude(value, &magnitude); !wrong.empty())
    return wrong;
  const uint64_t top = uint64_t{1} << (bits - 1);
  const uint64_t largest = is_signed ? top - 1 : top - 1 + top;
  if (value.negative && !is_signed && magnitude > 0)
    return But("at least 0", value);
  if (value.negative ? magnitude > top : magnitude > largest)
    return absl::StrCat("does not fit into ", bits, " bits: ", value.Shown());
  *out = value.negative ? -magnitude : magnitude;
  return "";
}

std::string RealNumber(const SyntaxValue& value, double limit, double* out) {
  if (value.kind == SyntaxValue::kIdentifier &&
      (absl::StartsWithIgnoreCase(value.text, "inf") ||
       absl::EqualsIgnoreCase(value.text, "nan")))
    return But("a finite number", value);
  if (value.kind != SyntaxValue::kInteger && value.kind != SyntaxValue::kFloat)
    return But("a number", value);
  if (value.kind == SyntaxValue::kInteger) {
    uint64_t magnitude = 0;
    std::string wrong = Magnitude(value, &magnitude);
    if (!wrong.empty()) return wrong;
    *out = static_cast<double>(magnitude);
  } else {
    absl::string_view text = value.text;
    if (absl::EndsWithIgnoreCase(text, "f")) text.remove_suffix(1);
    if (!absl::SimpleAtod(text, out)) return But("a number", value);
  }
  if (value.negative) *out = -*out;
  if (!std::isfinite(*out) || std::fabs(*out) > limit)
    return absl::StrCat("is too large a number: ", value.Shown());
  return "";
}

std::string CheckRange(const FieldDescriptor* field, double number,
                       const SyntaxValue& value) {
  const Range& range = field->options().GetExtension(archlab::range);
  const bool below =
      range.has_min() &&
      (range.exclusive_min() ? number <= range.min() : number < range.min());
  const bool above =
      range.has_max() &&
      (range.exclusive_max() ? number >= range.max() : number > range.max());
  return below || above ? But(RangeText(field), value) : "";
}

std::string Boolean(const SyntaxValue& value, bool* out) {
  const std::string& text = value.text;
  const bool word = value.kind == SyntaxValue::kIdentifier;
  const bool digit = value.kind == SyntaxValue::kInteger;
  *out = (word && (text == "true" || text == "True" || text == "t")) ||
         (digit && text == "1");
  const bool no =
      (word && (text == "false" || text == "False" || text == "f")) ||
      (digit && text == "0");
  return !value.negative && (*out || no) ? "" : But("true or false", value);
}

std::string EnumValue(const SyntaxValue& value, const FieldDescriptor* field,
                      const EnumValueDescriptor** out) {
  *out = nullptr;
  uint64_t number = 0;
  if (value.kind == SyntaxValue::kIdentifier && !value.negative)
    *out = field->enum_type()->FindValueByName(value.text);
  else if (value.kind == SyntaxValue::kInteger &&
           WholeNumber(value, 32, true, &number).empty())
    *out = field->enum_type()->FindValueByNumber(static_cast<int>(number));
  if (*out != nullptr) return "";
  const std::vector<std::string> names = EnumNames(field->enum_type());
  const std::string wanted =
      names.size() == 1 ? names[0]
                        : absl::StrCat("one of ", absl::StrJoin(names, ", "));
  const std::string hint = DidYouMean(value.text, names);
  return absl::StrCat(But(wanted, value), hint.empty() ? "" : ".", hint);
}

std::string Text(const SyntaxValue& value, const FieldDescriptor* field) {
  if (value.kind != SyntaxValue::kString) return But("text in quotes", value);
  if (field->type() == FieldDescriptor::TYPE_BYTES) return "";
  const int64_t bad = FindInvalidUtf8(value.text);
  if (bad >= 0) return absl::StrCat("is not UTF-8 from byte ", bad, " on");
  if (absl::StrContains(value.text, '\0')) return "has a zero byte";
  return "";
}

// " tokens"; " token" after the number 1.
std::string UnitOf(const FieldDescriptor* field, double number) {
  absl::string_view unit = field->options().GetExtension(archlab::unit);
  if (number == 1 && absl::EndsWith(unit, "s")) unit.remove_suffix(1);
  return unit.empty() ? "" : absl::StrCat(" ", unit);
}

// Sets or adds; `set` and `add` are methods of Reflection.
template <class T, class Set, class Add>
std::string Store(const FieldDescriptor* field, Message* message, Set set,
                  Add add, T x) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  if (field->is_repeated())
    (reflection->*add)(message, field, x);
  else
    (reflection->*set)(message, field, x);
  return "";
}

}  // namespace

#define ARCHLAB_STORE(Type, x)                                    \
  Store(field, message, &google::protobuf::Reflection::Set##Type, \
        &google::protobuf::Reflection::Add##Type, x)

static std::string SetWholeNumber(const SyntaxValue& value,
                                  const FieldDescriptor* field,
                                  Message* message) {
  uint64_t x = 0;
  const auto type = field->cpp_type();
  const bool is_signed = type == FieldDescriptor::CPPTYPE_INT32 ||
                         type == FieldDescriptor::CPPTYPE_INT64;
  const bool wide = type == FieldDescriptor::CPPTYPE_INT64 ||
                    type == FieldDescriptor::CPPTYPE_UINT64;
  std::string wrong = WholeNumber(value, wide ? 64 : 32, is_signed, &x);
  if (!wrong.empty()) return wrong;
  wrong = CheckRange(
      field,
      is_signed ? static_cast<double>(static_cast<int64_t>(x)) : double(x),
      value);
  if (!wrong.empty()) return wrong;
  switch (type) {
    case FieldDescriptor::CPPTYPE_INT32:
      return ARCHLAB_STORE(Int32, static_cast<int32_t>(x));
    case FieldDescriptor::CPPTYPE_INT64:
      return ARCHLAB_STORE(Int64, static_cast<int64_t>(x));
    case FieldDescriptor::CPPTYPE_UINT32:
      return ARCHLAB_STORE(UInt32, static_cast<uint32_t>(x));
    default:
      return ARCHLAB_STORE(UInt64, x);
  }
}

static std::string SetRealNumber(const SyntaxValue& value,
                                 const FieldDescriptor* field,
                                 Message* message) {
  const bool narrow = field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT;
  double x = 0;
  std::string wrong = RealNumber(value,
                                 narrow ? std::numeric_limits<float>::max()
                                        : std::numeric_limits<double>::max(),
                                 &x);
  // As stored: 0.99999999999 is 1 as a float.
  if (narrow) x = static_cast<float>(x);
  if (wrong.empty()) wrong = CheckRange(field, x, value);
  if (!wrong.empty()) return wrong;
  return narrow ? ARCHLAB_STORE(Float, static_cast<float>(x))
                : ARCHLAB_STORE(Double, x);
}

std::string SetScalar(const SyntaxValue& value, const FieldDescriptor* field,
                      Message* message) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetRealNumber(value, field, message);
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool x = false;
      std::string wrong = Boolean(value, &x);
      return wrong.empty() ? ARCHLAB_STORE(Bool, x) : wrong;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* x = nullptr;
      std::string wrong = EnumValue(value, field, &x);
      return wrong.empty() ? ARCHLAB_STORE(Enum, x) : wrong;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string wrong = Text(value, field);
      return wrong.empty() ? ARCHLAB_STORE(String, value.text) : wrong;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return But("a message", value);
    default:
      return SetWholeNumber(value, field, message);
  }
}

#undef ARCHLAB_STORE

std::string RangeText(const FieldDescriptor* field) {
  const Range& range = field->options().GetExtension(archlab::range);
  const std::string unit =
      UnitOf(field, range.has_max() ? range.max() : range.min());
  const auto number = [](double x) {
    return std::fabs(x) < 1e15 && x == std::floor(x)
               ? absl::StrCat(static_cast<int64_t>(x))
               : absl::StrCat(x);
  };
  const std::string low = absl::StrCat(
      range.exclusive_min() ? "more than " : "at least ", number(range.min()));
  const std::string high = absl::StrCat(
      range.exclusive_max() ? "less than " : "at most ", number(range.max()));
  if (range.has_min() && range.has_max()) {
    if (!range.exclusive_min() && !range.exclusive_max())
      return absl::StrCat("from ", number(range.min()), " to ",
                          number(range.max()), unit);
    return absl::StrCat(low, " and ", high, unit);
  }
  if (range.has_min()) return absl::StrCat(low, unit);
  return range.has_max() ? absl::StrCat(high, unit) : "";
}

std::vector<std::string> EnumNames(
    const google::protobuf::EnumDescriptor* descriptor) {
  std::vector<std::string> names;
  names.reserve(descriptor->value_count());
  for (int i = 0; i < descriptor->value_count(); ++i)
    names.push_back(descriptor->value(i)->name());
  return names;
}

}  // namespace archlab
