// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The task, by its definition.

#include <algorithm>
#include <set>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/addition", "");

TEST(Addition, TheTargetIsTheSum) {
  const UnderTest<Dataset> data("dataset/addition", "digits: 4");
  for (int64_t i = 0; i < 300; ++i) {
    const Document document = *data->Get(Split::kTrain, i);
    ASSERT_EQ(document.text.size(), 9u);
    ASSERT_EQ(document.text[4], '+');
    EXPECT_EQ(std::stol(document.target),
              std::stol(document.text.substr(0, 4)) +
                  std::stol(document.text.substr(5)));
  }
}

}  // namespace
}  // namespace archlab
