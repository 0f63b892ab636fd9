// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "data/token_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

TokenStream MakeStream(int32_t first) {
  TokenStream stream;
  stream.ids = {first, first + 1, first + 2};
  stream.documents = 2;
  stream.bytes = 30;
  stream.characters = 29;
  stream.ends = {1, 3};
  stream.target_ids = {7, 8};
  stream.target_ends = {0, 2};
  stream.labels = {-1, 4};
  stream.patches_sha256 = "ab";
  return stream;
}

void ExpectSame(const TokenStream& a, const TokenStream& b) {
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.documents, b.documents);
  EXPECT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(a.characters, b.characters);
  EXPECT_EQ(a.ends, b.ends);
  EXPECT_EQ(a.target_ids, b.target_ids);
  EXPECT_EQ(a.target_ends, b.target_ends);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.patches_sha256, b.patches_sha256);
}

class TokenCacheTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  void Keep(const TokenCache& cache, const std::string& key) {
    cache.Keep(key, files_, MakeStream(1), MakeStream(100));
  }
  // The one file of the cache.
  std::string File(const std::string& key) const {
    return folder_ + "/" + key + ".tokens";
  }

  const std::string folder_ = testing::TempDir() + "/token_cache_test/made";
  const TokenizerFiles files_ = {{"a", "x"}, {"b", std::string("\0y", 2)}};
};

TEST_F(TokenCacheTest, GivesBackWhatWasKept) {
  const TokenCache cache(folder_);
  EXPECT_FALSE(cache.Find("k1").has_value());
  Keep(cache, "k1");
  const auto found = cache.Find("k1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->tokenizer, files_);
  ExpectSame(found->parts.train, MakeStream(1));
  ExpectSame(found->parts.validation, MakeStream(100));
  EXPECT_FALSE(cache.Find("k2").has_value());
}

TEST_F(TokenCacheTest, ADamagedOrShorterFileIsMissing) {
  const TokenCache cache(folder_);
  Keep(cache, "k");
  const std::string whole = ReadFile(File("k")).value();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    ASSERT_TRUE(WriteFileAtomically(File("k"), damaged).ok());
    EXPECT_FALSE(cache.Find("k").has_value()) << "byte " << i;
    ASSERT_TRUE(WriteFileAtomically(File("k"), whole.substr(0, i)).ok());
    EXPECT_FALSE(cache.Find("k").has_value()) << i << " bytes";
  }
  ASSERT_TRUE(WriteFileAtomically(File("k"), whole).ok());
  EXPECT_TRUE(cache.Find("k").has_value());
}

TEST_F(TokenCacheTest, TheLeastUsedGoWhenItIsFull) {
  Keep(TokenCache(folder_), "k1");
  const auto bytes = static_cast<int64_t>(fs::file_size(File("k1")));
  const TokenCache cache(folder_, 2 * bytes);
  Keep(cache, "k2");
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(File("k1"), now - std::chrono::hours(2));
  fs::last_write_time(File("k2"), now - std::chrono::hours(1));
  EXPECT_TRUE(cache.Find("k1").has_value());  // used now
  Keep(cache, "k3");
  EXPECT_TRUE(cache.Find("k1").has_value());
  EXPECT_FALSE(cache.Find("k2").has_value());
  EXPECT_TRUE(cache.Find("k3").has_value());
  Keep(TokenCache(folder_, 10), "k4");
  EXPECT_FALSE(cache.Find("k4").has_value());
}

TEST_F(TokenCacheTest, WithoutAPlaceNothingIsKept) {
  const TokenCache none("");
  Keep(none, "k");
  EXPECT_FALSE(none.enabled());
  EXPECT_FALSE(none.Find("k").has_value());
  ASSERT_TRUE(MakeDirectories(DirectoryOf(folder_)).ok());
  ASSERT_TRUE(WriteFileAtomically(folder_, "a file, no folder").ok());
  const TokenCache blocked(folder_);
  Keep(blocked, "k");
  EXPECT_FALSE(blocked.Find("k").has_value());
}

TEST_F(TokenCacheTest, TheVariableSaysWhere) {
  ASSERT_EQ(setenv("ARCHLAB_CACHE", folder_.c_str(), 1), 0);
  Keep(TokenCache::Default(), "k");
  EXPECT_TRUE(fs::exists(File("k")));
  ASSERT_EQ(setenv("ARCHLAB_CACHE", "", 1), 0);
  EXPECT_FALSE(TokenCache::Default().enabled());
  ASSERT_EQ(unsetenv("ARCHLAB_CACHE"), 0);
  ASSERT_EQ(setenv("XDG_CACHE_HOME", folder_.c_str(), 1), 0);
  Keep(TokenCache::Default(), "k");
  EXPECT_TRUE(fs::exists(folder_ + "/archlab/k.tokens"));
  ASSERT_EQ(unsetenv("XDG_CACHE_HOME"), 0);
}

}  // namespace
}  // namespace archlab
