// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Which blocks are seen.

#include <set>
#include <vector>

#include "archlab/attention.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("attention/block_sparse", "");
ARCHLAB_CONTRACT("attention/block_sparse",
                 "block: 2 window: 1 global_tokens: 3 random_blocks: 1");
ARCHLAB_CONTRACT("attention/block_sparse",
                 "block: 3 window: 0 global_tokens: 0 random_blocks: 0");

Surroundings Long(bool causal, int layer) {
  Surroundings at = TestSurroundings();
  at.max_tokens = 400;
  at.causal = causal;
  at.layer = layer;
  return at;
}

// Blocks of 10 that block `query` sees, apart from global tokens.
std::set<int64_t> Seen(const UnderTest<Attention>& core, int64_t query,
                       int64_t blocks) {
  std::set<int64_t> seen;
  for (int64_t b = 0; b < blocks; ++b)
    if (core->Sees(query * 10 + 5, b * 10 + 7)) seen.insert(b);
  return seen;
}

TEST(BlockSparse, WindowIsOfBlocks) {
  const UnderTest<Attention> core(
      "attention/block_sparse",
      "block: 10 window: 2 global_tokens: 0 random_blocks: 0", Long(false, 0));
  EXPECT_EQ(Seen(core, 20, 40), (std::set<int64_t>{18, 19, 20, 21, 22}));
  EXPECT_EQ(core->MaxDistance(), 29);
}

TEST(BlockSparse, GlobalTokensSeeAndAreSeen) {
  const UnderTest<Attention> core(
      "attention/block_sparse",
      "block: 10 window: 0 global_tokens: 3 random_blocks: 0", Long(false, 0));
  EXPECT_TRUE(core->Sees(399, 2));
  EXPECT_FALSE(core->Sees(399, 3));
  EXPECT_TRUE(core->Sees(2, 399));
  EXPECT_FALSE(core->Sees(3, 399));
  EXPECT_EQ(core->MaxDistance(), -1);
}

TEST(BlockSparse, DrawsDistinctAllowedBlocks) {
  for (const bool causal : {true, false}) {
    const UnderTest<Attention> core(
        "attention/block_sparse",
        "block: 10 window: 1 global_tokens: 0 random_blocks: 4",
        Long(causal, 0));
    std::set<std::set<int64_t>> different;
    for (int64_t query = 10; query < 60; ++query) {  // past the training length
      std::set<int64_t> seen = Seen(core, query, 80);
      for (const int64_t near : {query - 1, query, query + 1}) {
        EXPECT_TRUE(seen.count(near));
        seen.erase(near);
      }
      EXPECT_EQ(seen.size(), 4u) << query;
      if (causal) {
        EXPECT_LT(*seen.rbegin(), query);
      }
      different.insert(seen);
    }
    EXPECT_GT(different.size(), 30u);
  }
}

TEST(BlockSparse, FewBlocksAreAllSeen) {
  const UnderTest<Attention> core(
      "attention/block_sparse",
      "block: 10 window: 1 global_tokens: 0 random_blocks: 4", Long(true, 0));
  for (int64_t query = 0; query < 6; ++query)
    for (int64_t key = 0; key <= query; ++key)
      EXPECT_TRUE(core->Sees(query * 10, key * 10)) << query << ", " << key;
}

TEST(BlockSparse, DrawsDependOnTheLayerOnly) {
  const char* const config =
      "block: 10 window: 0 global_tokens: 0 random_blocks: 3";
  const UnderTest<Attention> a("attention/block_sparse", config, Long(true, 0));
  const UnderTest<Attention> b("attention/block_sparse", config, Long(true, 1));
  Surroundings shorter = Long(true, 0);
  shorter.max_tokens = 20;
  const UnderTest<Attention> c("attention/block_sparse", config, shorter);
  int different = 0;
  for (int64_t query = 0; query < 40; ++query) {
    different += Seen(a, query, 40) != Seen(b, query, 40);
    EXPECT_EQ(Seen(a, query, 40), Seen(c, query, 40));
  }
  EXPECT_GT(different, 20);
}

}  // namespace
}  // namespace archlab
