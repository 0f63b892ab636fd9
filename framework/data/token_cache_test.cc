// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "data/token_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

// 64 times the digit, as a hash has them.
std::string Key(int digit) {
  return std::string(64, static_cast<char>('0' + digit));
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
  EXPECT_FALSE(cache.Find(Key(1)).has_value());
  Keep(cache, Key(1));
  const auto found = cache.Find(Key(1));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->tokenizer, files_);
  ExpectSame(found->parts.train, MakeStream(1));
  ExpectSame(found->parts.validation, MakeStream(100));
  EXPECT_FALSE(cache.Find(Key(2)).has_value());
}

TEST_F(TokenCacheTest, ADamagedOrShorterFileIsMissing) {
  const TokenCache cache(folder_);
  Keep(cache, Key(0));
  const std::string whole = ReadFile(File(Key(0))).value();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    ASSERT_TRUE(WriteFileAtomically(File(Key(0)), damaged).ok());
    EXPECT_FALSE(cache.Find(Key(0)).has_value()) << "byte " << i;
    ASSERT_TRUE(WriteFileAtomically(File(Key(0)), whole.substr(0, i)).ok());
    EXPECT_FALSE(cache.Find(Key(0)).has_value()) << i << " bytes";
  }
  ASSERT_TRUE(WriteFileAtomically(File(Key(0)), whole).ok());
  EXPECT_TRUE(cache.Find(Key(0)).has_value());
}

TEST_F(TokenCacheTest, TheLeastUsedGoWhenItIsFull) {
  Keep(TokenCache(folder_), Key(1));
  const auto bytes = static_cast<int64_t>(fs::file_size(File(Key(1))));
  const TokenCache cache(folder_, 2 * bytes);
  Keep(cache, Key(2));
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(File(Key(1)), now - std::chrono::hours(2));
  fs::last_write_time(File(Key(2)), now - std::chrono::hours(1));
  EXPECT_TRUE(cache.Find(Key(1)).has_value());  // used now
  Keep(cache, Key(3));
  EXPECT_TRUE(cache.Find(Key(1)).has_value());
  EXPECT_FALSE(cache.Find(Key(2)).has_value());
  EXPECT_TRUE(cache.Find(Key(3)).has_value());
  Keep(TokenCache(folder_, 10), Key(4));
  EXPECT_FALSE(cache.Find(Key(4)).has_value());
}

TEST_F(TokenCacheTest, KeepsNoMoreThanItsBound) {
  Keep(TokenCache(folder_), Key(1));
  const auto bytes = static_cast<int64_t>(fs::file_size(File(Key(1))));
  fs::remove_all(folder_);
  Keep(TokenCache(folder_, bytes - 1), Key(1));
  EXPECT_FALSE(fs::exists(folder_));
  Keep(TokenCache(folder_, bytes), Key(1));
  EXPECT_TRUE(fs::exists(File(Key(1))));
}

TEST_F(TokenCacheTest, FilesOfTheUserStay) {
  ASSERT_TRUE(MakeDirectories(folder_).ok());
  const std::string hash = Key(1);
  const std::vector<std::string> foreign = {"mine.tokens",
                                            hash.substr(1) + ".tokens",
                                            hash + "0.tokens",
                                            std::string(64, 'A') + ".tokens",
                                            hash + ".tokens.old",
                                            "mine.tokens.tmp.1",
                                            hash + ".txt.tmp.1",
                                            hash,
                                            "mine" + hash + ".tokens"};
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(9);
  for (const std::string& name : foreign) {
    ASSERT_TRUE(WriteFileAtomically(folder_ + "/" + name, "many bytes").ok());
    fs::last_write_time(folder_ + "/" + name, old);
  }
  Keep(TokenCache(folder_), Key(2));
  const auto bytes = static_cast<int64_t>(fs::file_size(File(Key(2))));
  Keep(TokenCache(folder_, bytes), Key(3));
  EXPECT_FALSE(fs::exists(File(Key(2))));  // it did prune
  EXPECT_TRUE(fs::exists(File(Key(3))));
  for (const std::string& name : foreign)
    EXPECT_TRUE(fs::exists(folder_ + "/" + name)) << name;
}

TEST_F(TokenCacheTest, WhatKilledRunsLeftGoesAfterAnHour) {
  ASSERT_TRUE(MakeDirectories(folder_).ok());
  const std::string left = File(Key(1)) + ".tmp.77";
  const std::string now_written = File(Key(1)) + ".tmp.78";
  const auto now = fs::file_time_type::clock::now();
  for (const std::string& path : {left, now_written})
    ASSERT_TRUE(WriteFileAtomically(path, "a part").ok());
  fs::last_write_time(left, now - std::chrono::minutes(61));
  fs::last_write_time(now_written, now - std::chrono::minutes(59));
  Keep(TokenCache(folder_), Key(2));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(now_written));
  EXPECT_TRUE(fs::exists(File(Key(2))));
}

TEST_F(TokenCacheTest, NoOtherUserReadsIt) {
  const auto mode = [](const std::string& path) {
    return fs::status(path).permissions();
  };
  Keep(TokenCache(folder_ + "/"), Key(1));
  EXPECT_EQ(mode(folder_), fs::perms::owner_all);
  EXPECT_EQ(mode(File(Key(1))), fs::perms::owner_read | fs::perms::owner_write);
  // What a killed run that had our number left open to all is not written on.
  const std::string left = absl::StrCat(File(Key(2)), ".tmp.", ::getpid());
  ASSERT_TRUE(WriteFileAtomically(left, "a part").ok());
  fs::permissions(left, fs::perms::all);
  fs::permissions(folder_, fs::perms::all);
  Keep(TokenCache(folder_), Key(2));
  EXPECT_EQ(mode(File(Key(2))), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(mode(folder_), fs::perms::all);  // was there: its owner's choice
}

TEST_F(TokenCacheTest, WithoutAPlaceNothingIsKept) {
  const TokenCache none("");
  Keep(none, Key(0));
  EXPECT_FALSE(none.enabled());
  EXPECT_FALSE(none.Find(Key(0)).has_value());
  ASSERT_TRUE(MakeDirectories(DirectoryOf(folder_)).ok());
  ASSERT_TRUE(WriteFileAtomically(folder_, "a file, no folder").ok());
  const TokenCache blocked(folder_);
  Keep(blocked, Key(0));
  EXPECT_FALSE(blocked.Find(Key(0)).has_value());
}

TEST_F(TokenCacheTest, TheVariableSaysWhere) {
  ASSERT_EQ(setenv("ARCHLAB_CACHE", folder_.c_str(), 1), 0);
  Keep(TokenCache::Default(), Key(0));
  EXPECT_TRUE(fs::exists(File(Key(0))));
  ASSERT_EQ(setenv("ARCHLAB_CACHE", "", 1), 0);
  EXPECT_FALSE(TokenCache::Default().enabled());
  ASSERT_EQ(unsetenv("ARCHLAB_CACHE"), 0);
  ASSERT_EQ(setenv("XDG_CACHE_HOME", folder_.c_str(), 1), 0);
  Keep(TokenCache::Default(), Key(0));
  EXPECT_TRUE(fs::exists(folder_ + "/archlab/" + Key(0) + ".tokens"));
  ASSERT_EQ(unsetenv("XDG_CACHE_HOME"), 0);
}

}  // namespace
}  // namespace archlab
