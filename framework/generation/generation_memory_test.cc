// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/generation_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/test_spec.h"

namespace archlab {
namespace {

using testing::HasSubstr;

TEST(GenerationMemory, WhatDoesNotFitIsRefusedWithTheSum) {
  TestSpec spec;  // no positions that end
  spec.position = "[position/none] {}";
  const auto model = spec.Build(DType::kF32, 11);
  GenerationSize size;
  size.texts = 1000;
  size.prompt_tokens = 10;
  size.new_tokens = 990;
  // A token's keys and values, in all layers, for 1000 texts of 1000 tokens,
  // and as much again for the growth.
  const int64_t cache = 2 * 1000 * 1000 * model->Count(1).total.kv_cache_bytes;
  const int64_t logits = 4 * 1000 * 11;  // of the last token
  EXPECT_FALSE(CheckGenerationMemory(*model, size, cache + logits).ok());
  EXPECT_TRUE(CheckGenerationMemory(*model, size, cache * 11 / 10).ok());
  EXPECT_TRUE(CheckGenerationMemory(*model, size, -1).ok());
  const absl::Status refused = CheckGenerationMemory(*model, size, 1 << 20);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("writing 1000 texts of 1000 tokens would take about"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("1.0 MiB are free"));
  size.cached = false;  // the whole text is read each time: more logits
  EXPECT_FALSE(CheckGenerationMemory(*model, size, cache * 11 / 10).ok());
}

TEST(GenerationMemory, AModelOfBoundedLengthHoldsNoMoreThanThat) {
  TestSpec spec;
  spec.position = "[position/learned] {}";
  const auto model = spec.Build(DType::kF32, 11);
  GenerationSize size;
  size.new_tokens = int64_t{1} << 24;
  EXPECT_TRUE(CheckGenerationMemory(*model, size, 1 << 20).ok());
}

}  // namespace
}  // namespace archlab
