// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archlab/file.h"

namespace archlab {
namespace {

using testing::HasSubstr;

TEST(Reference, DocsAreCurrent) {
  const absl::StatusOr<std::string> text = SpecReference(ARCHLAB_SOURCE_DIR);
  ASSERT_TRUE(text.ok()) << text.status();
  const absl::StatusOr<std::string> docs =
      ReadFile(ARCHLAB_SOURCE_DIR "/docs/spec.md");
  ASSERT_TRUE(docs.ok()) << docs.status();
  EXPECT_TRUE(*text == *docs)
      << "write it anew: build/release/bin/archlab-spec-reference . > "
         "docs/spec.md";
}

TEST(Reference, SaysWhatAFieldTakes) {
  const absl::StatusOr<std::string> text = SpecReference(ARCHLAB_SOURCE_DIR);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("| `steps` | int64 | required | from 0 to "
                               "1000000000 | Optimizer steps. |"));
  EXPECT_THAT(*text, HasSubstr("| `norm` | [norm](#norm) | required |"));
  EXPECT_THAT(*text, HasSubstr("### norm/rms_norm\n\nRoot-mean-square"));
  EXPECT_THAT(*text, HasSubstr("- `PRE`: x + f(norm(x)) (GPT-2).\n"));
}

TEST(Reference, NeedsASourceTree) {
  EXPECT_FALSE(SpecReference("/nonexistent").ok());
}

}  // namespace
}  // namespace archlab
