// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "training/progress.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

TEST(Memory, ThePredictionAddsUp) {
  const MemoryNeed f32 = PredictMemory(1000, DType::kF32, 2);
  EXPECT_EQ(f32.total(), 1000 * (4 + 8 + 8));
  EXPECT_EQ(PredictMemory(1000, DType::kBF16, 1).total(), 1000 * (6 + 8 + 4));
  EXPECT_EQ(PredictMemory(1000, DType::kF32, -1).total(), 4000);
}

TEST(Memory, WhatDoesNotFitIsRefusedWithTheSum) {
  MemoryNeed need = PredictMemory(int64_t{1} << 28, DType::kF32, 2);  // 1 GiB
  need.activations = int64_t{1} << 29;
  EXPECT_TRUE(CheckMemory(need, need.total()).ok());
  EXPECT_TRUE(CheckMemory(need, -1).ok());
  const absl::Status status = CheckMemory(need, int64_t{3} << 30);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("about 5.5 GiB of memory, and 3.0 GiB are"));
  EXPECT_THAT(message, HasSubstr("activations 512.0 MiB"));
  EXPECT_THAT(message, HasSubstr("batch_sequences smaller"));
}

TEST(Memory, TheSystemSaysWhatIsFree) { EXPECT_GT(AvailableMemory(), 1 << 20); }

TEST(Format, BytesAndSeconds) {
  EXPECT_EQ(FormatBytes(1000), "1000 bytes");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatSeconds(45.4), "45 s");
  EXPECT_EQ(FormatSeconds(185), "3 min 05 s");
  EXPECT_EQ(FormatSeconds(7625), "2 h 07 min");
  EXPECT_EQ(FormatSeconds(1e300), "?");
}

}  // namespace
}  // namespace archlab
