// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Block-sparse attention: blocks around the query's, global tokens, and blocks
// at random. Source: BigBird, arXiv:2007.14062, section 2; window and global
// tokens also Longformer, arXiv:2004.05150, section 3.1.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/attention.h"
#include "block_sparse.pb.h"

namespace archlab {

class BlockSparse final : public Attention {
 public:
  using Config = attention::BlockSparseConfig;
  BlockSparse(const Config& config, const BuildContext& context)
      : block_(config.block()),
        window_(config.window()),
        global_(config.global_tokens()),
        random_blocks_(config.random_blocks()),
        causal_(context.at().causal),
        known_blocks_((context.at().max_tokens + block_ - 1) / block_),
        random_(context.at().seed, 0,
                SiteHash(absl::StrCat("block_sparse.", context.at().layer))) {
    for (int64_t b = 0; b < known_blocks_; ++b) drawn_.push_back(Draw(b));
  }

  bool Sees(int64_t query, int64_t key) const override {
    if (query < global_ || key < global_) return true;
    const int64_t from = query / block_, to = key / block_;
    if (std::abs(from - to) <= window_) return true;
    if (random_blocks_ == 0) return false;
    if (from >= known_blocks_) return Contains(Draw(from), to);
    return Contains(drawn_[from], to);
  }

  int64_t MaxDistance() const override {
    if (global_ > 0 || random_blocks_ > 0) return -1;
    return (window_ + 1) * block_ - 1;
  }

 private:
  static bool Contains(const std::vector<int64_t>& blocks, int64_t block) {
    return std::find(blocks.begin(), blocks.end(), block) != blocks.end();
  }

  // The random blocks of one block of queries, of those that are neither global
  // nor in its window: distinct, by Floyd's method. What is drawn depends on
  // the block alone, not on the length of the sequence.
  std::vector<int64_t> Draw(int64_t block) const {
    const int64_t first = global_ / block_;
    const int64_t end =
        causal_ ? block + 1 : std::max(known_blocks_, block + 1);
    const int64_t low =
        std::clamp(block - window_, first, std::max(first, end));
    const int64_t high =
        std::clamp(block + window_ + 1, low, std::max(low, end));
    const int64_t before = low - first;
    const int64_t count = before + std::max<int64_t>(0, end - high);
    Random random = random_.Split(static_cast<uint64_t>(block));
    std::vector<int64_t> picked;
    for (int64_t j = std::max<int64_t>(0, count - random_blocks_); j < count;
         ++j) {
      const auto i =
          static_cast<int64_t>(random.Below(static_cast<uint64_t>(j + 1)));
      picked.push_back(Contains(picked, i) ? j : i);
    }
    for (int64_t& i : picked) i = i < before ? first + i : high + i - before;
    return picked;
  }

  const int64_t block_;          // tokens
  const int64_t window_;         // blocks
  const int64_t global_;         // tokens
  const int64_t random_blocks_;  // of each block of queries
  const bool causal_;
  const int64_t known_blocks_;  // of the longest training sequence
  const Random random_;
  std::vector<std::vector<int64_t>> drawn_;  // [known_blocks_]
};

ARCHLAB_PLUGIN(BlockSparse)

}  // namespace archlab
