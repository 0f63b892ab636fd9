// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sorting: the answers, and what is held out.

#include <algorithm>
#include <set>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/sort", "");
ARCHLAB_CONTRACT("dataset/sort",
                 "length: 50 digits: 10 validation_documents: 9");

TEST(Sort, AQuarterOfTheInputsIsHeldOut) {
  const UnderTest<Dataset> sort("dataset/sort", "training_documents: 20000");
  std::set<std::string> held_out, trained;
  const int64_t count = sort->Size(Split::kValidation);
  for (int64_t i = 0; i < count; ++i)
    held_out.insert(sort->Get(Split::kValidation, i)->text);
  EXPECT_EQ(int64_t(held_out.size()), count);  // each once
  // 729 inputs, a quarter expected, standard deviation 12.
  EXPECT_NEAR(count, 182, 50);
  for (int64_t i = 0; i < 20000; ++i)
    trained.insert(sort->Get(Split::kTrain, i)->text);
  EXPECT_EQ(int64_t(trained.size()), 729 - count);  // all others
  for (const std::string& text : held_out) EXPECT_EQ(trained.count(text), 0u);
}

TEST(Sort, TheTargetIsTheInputInOrder) {
  const UnderTest<Dataset> sort("dataset/sort",
                                "length: 9 digits: 10 validation_documents: 5");
  EXPECT_EQ(sort->Size(Split::kValidation), 5);
  for (const Split split : {Split::kTrain, Split::kValidation})
    for (int64_t i = 0; i < 5; ++i) {
      const Document document = sort->Get(split, i).value();
      EXPECT_EQ(document.text.size(), 9u);
      int counts[2][10] = {};
      for (const char digit : document.text) ++counts[0][digit - '0'];
      for (const char digit : document.target) ++counts[1][digit - '0'];
      EXPECT_TRUE(std::equal(counts[0], counts[0] + 10, counts[1]));
      EXPECT_TRUE(
          std::is_sorted(document.target.begin(), document.target.end()));
    }
}

TEST(Sort, ALargeTaskNeedsASize) {
  const UnderTest<Dataset> sort("dataset/sort", "length: 20 digits: 3");
  EXPECT_EQ(sort.status().message(),
            "must be set: 20 digits of 3 have more than 1000000 inputs, too "
            "many to hold them all");
  EXPECT_EQ(FieldErrorPath(sort.status()), "4");
}

TEST(Sort, ATaskWithTooFewInputsSaysSo) {
  const UnderTest<Dataset> sort("dataset/sort",
                                "length: 1 digits: 2 held_out: 1e-9 "
                                "validation_documents: 3");
  EXPECT_EQ(sort->Get(Split::kValidation, 0).status().message(),
            "there are too few different inputs to hold a part of them out: "
            "none of 1000 was for the validation part; make the task larger");
  const UnderTest<Dataset> none("dataset/sort",
                                "length: 1 digits: 2 held_out: 1e-9");
  EXPECT_EQ(none.status().message(),
            "holds none of the 2 inputs out; make it larger");
}

}  // namespace
}  // namespace archlab
