// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Tensors, brain floats and the caching allocator.

#include "archlab/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "tensor/storage.h"

namespace archlab {
namespace {

using testing::ElementsAre;

TEST(BF16Test, RoundsToNearestEven) {
  EXPECT_EQ(BF16::From(1.0f).bits, 0x3f80);
  // One bf16 step at 1 is 2^-7; halves go to the even neighbour.
  EXPECT_EQ(BF16::From(1 + 0x1p-8f).bits, 0x3f80);
  EXPECT_EQ(BF16::From(1 + 3 * 0x1p-8f).bits, 0x3f82);
  EXPECT_EQ(BF16::From(1 + 0x1p-8f + 0x1p-20f).bits, 0x3f81);
  EXPECT_EQ(BF16::From(std::numeric_limits<float>::max()).ToFloat(), INFINITY);
  EXPECT_EQ(BF16::From(-INFINITY).ToFloat(), -INFINITY);
  EXPECT_TRUE(std::isnan(BF16::From(NAN).ToFloat()));
  EXPECT_TRUE(std::signbit(BF16::From(-0.0f).ToFloat()));
}

TEST(ShapeTest, CountsFromBothEnds) {
  const Shape shape{2, 3, 5};
  EXPECT_EQ(shape.size(), 30);
  EXPECT_EQ(shape[-1], 5);
  EXPECT_EQ(shape.ToString(), "[2, 3, 5]");
  EXPECT_EQ(Shape{}.size(), 1);
  EXPECT_FALSE(Shape({2, 3}) == Shape({3, 2}));
}

TEST(TensorTest, HoldsValuesOfEveryType) {
  for (const DType dtype :
       {DType::kF64, DType::kF32, DType::kBF16, DType::kI32}) {
    const Tensor tensor = Tensor::From({2, 2}, {1, -2, 3, 4}, dtype);
    EXPECT_THAT(tensor.ToVector(), ElementsAre(1, -2, 3, 4)) << dtype;
    EXPECT_EQ(tensor.bytes(), 4 * DTypeBytes(dtype));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.raw()) % 64, 0u);
  }
  EXPECT_EQ(Tensor::Full({3}, DType::kF32, 2.5).At(2), 2.5);
  EXPECT_EQ(Tensor::Zeros({3}, DType::kBF16).At(1), 0);
}

TEST(TensorTest, ViewsShareClonesDoNot) {
  Tensor tensor = Tensor::From({2, 3}, {0, 1, 2, 3, 4, 5});
  Tensor view = tensor.View({-1, 2});
  EXPECT_EQ(view.shape(), Shape({3, 2}));
  const Tensor row = tensor.Rows(1, 1);
  const Tensor clone = tensor.Clone();
  view.Set(3, 30);
  EXPECT_THAT(row.ToVector(), ElementsAre(30, 4, 5));
  EXPECT_EQ(clone.At(3), 3);
  EXPECT_EQ(tensor.Rows(2, 0).size(), 0);
}

TEST(TensorDeathTest, RefusesWrongUse) {
  Tensor tensor = Tensor::Zeros({2, 3}, DType::kF32);
  EXPECT_DEATH(tensor.data<double>(), "dtype_");
  EXPECT_DEATH(tensor.View({4, 2}), "\\[2, 3\\] as \\[4, 2\\]");
  EXPECT_DEATH(tensor.Rows(1, 2), "rows 1 to 3");
  EXPECT_DEATH(tensor.At(6), "6 in \\[2, 3\\]");
  EXPECT_DEATH(Tensor().raw(), "undefined");
}

TEST(StorageTest, BucketsAreTightAndAligned) {
  for (const int64_t bytes :
       {1, 64, 65, 1000, 4097, 70000, 3000000, 9000000, 50000000}) {
    const int64_t bucket = BucketBytes(bytes);
    EXPECT_GE(bucket, bytes);
    EXPECT_EQ(bucket % 64, 0);
    EXPECT_LE(bucket, bytes + std::max<int64_t>(64, bytes / 8));
    EXPECT_EQ(BucketBytes(bucket), bucket);
  }
  // A matrix of 768 x 768 floats, of which GPT-2 has 48, pays for no more.
  EXPECT_EQ(BucketBytes(768 * 768 * 4), 768 * 768 * 4);
  EXPECT_EQ(BucketBytes(50 << 20) % (2 << 20), 0);
}

TEST(StorageTest, SteadyUseTakesNothingFromTheSystem) {
  const auto step = [] {
    const Tensor a = Tensor::Empty({1000}, DType::kF32);
    const Tensor b = Tensor::Empty({3, 700000}, DType::kF32);
    Tensor c = Tensor::Empty({77}, DType::kBF16);
    c = Tensor::Empty({77}, DType::kF64);
  };
  step();
  const MemoryCounters before = ReadMemoryCounters();
  for (int i = 0; i < 5; ++i) step();
  const MemoryCounters after = ReadMemoryCounters();
  EXPECT_EQ(before.system_blocks, after.system_blocks);
  EXPECT_EQ(before.system_bytes, after.system_bytes);
  EXPECT_EQ(before.live_bytes, after.live_bytes);
}

TEST(StorageTest, CountsLiveAndPeak) {
  ResetPeakMemory();
  const int64_t before = ReadMemoryCounters().live_bytes;
  {
    const Storage storage(4096);
    EXPECT_EQ(ReadMemoryCounters().live_bytes, before + 4096);
  }
  EXPECT_EQ(ReadMemoryCounters().live_bytes, before);
  EXPECT_EQ(ReadMemoryCounters().peak_bytes, before + 4096);
}

TEST(StorageTest, TrimmedMemoryIsTakenAgain) {
  { const Storage storage(20000); }
  TrimMemory();
  const int64_t before = ReadMemoryCounters().system_blocks;
  const Storage storage(20000);
  EXPECT_EQ(ReadMemoryCounters().system_blocks, before + 1);
}

// Of sizes that share huge pages, more than fit into one slab.
TEST(StorageTest, MiddleSizedBlocksDoNotOverlap) {
  for (int round = 0; round < 2; ++round) {
    std::vector<Tensor> tensors;
    tensors.reserve(60);
    for (int i = 0; i < 60; ++i)
      tensors.push_back(Tensor::Full({20000 + 10000 * i}, DType::kF32, i));
    for (int i = 0; i < 60; ++i) {
      const float* const x = tensors[i].data<float>();
      EXPECT_EQ(reinterpret_cast<uintptr_t>(x) % 64, 0u);
      EXPECT_TRUE(std::all_of(x, x + tensors[i].size(), [i](float value) {
        return value == i;
      })) << i;
    }
    tensors.clear();
    TrimMemory();
  }
}

TEST(StorageTest, ThreadsDoNotShareBlocks) {
  const auto work = [](double value) {
    for (int i = 0; i < 200; ++i) {
      const Tensor tensor = Tensor::Full({64}, DType::kF32, value);
      for (const double got : tensor.ToVector()) ASSERT_EQ(got, value);
    }
  };
  std::thread other(work, 1.0);
  work(2.0);
  other.join();
}

}  // namespace
}  // namespace archlab
