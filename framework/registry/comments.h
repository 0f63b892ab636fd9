// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Documentation of .proto elements, from the comments that descriptors carry.

#ifndef ARCHLAB_COMMENTS_H_
#define ARCHLAB_COMMENTS_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace archlab {

// The comment before a message, field, enum or value (or after it on the same
// line), with whitespace made single; "" when there is none.
template <class D>
std::string CommentOf(const D& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return "";
  std::string text = location.leading_comments.empty()
                         ? location.trailing_comments
                         : location.leading_comments;
  absl::RemoveExtraAsciiWhitespace(&text);
  return text;
}

// The first sentence of a text: up to the first full stop before a blank.
inline std::string FirstSentence(absl::string_view text) {
  const size_t stop = text.find(". ");
  return std::string(
      stop == absl::string_view::npos ? text : text.substr(0, stop + 1));
}

}  // namespace archlab

#endif  // ARCHLAB_COMMENTS_H_
