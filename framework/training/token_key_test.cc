// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/token_key.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "data/token_cache.h"
#include "model/test_spec.h"
#include "training/prepare.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

class Texts final : public Dataset {
 public:
  explicit Texts(std::vector<std::string> train) : train_(std::move(train)) {}
  int64_t Size(Split split) const override {
    return split == Split::kTrain ? static_cast<int64_t>(train_.size()) : 1;
  }
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    Document document;
    document.text = split == Split::kTrain ? train_[index] : "validation";
    return document;
  }

 private:
  const std::vector<std::string> train_;
};

std::string Key(const TestSpec& spec, const std::vector<std::string>& texts,
                const std::vector<std::string>& files = {},
                const TokenizerFiles* stored = nullptr) {
  const auto key =
      TokenKey(spec.Parse(), BuiltCatalogue(), Texts(texts), files, stored);
  EXPECT_TRUE(key.ok()) << key.status();
  return key.value_or("");
}

TEST(TokenKey, IsOfAllThatDecidesTheTokens) {
  const std::string file = testing::TempDir() + "/token_key_test.txt";
  ASSERT_TRUE(WriteFileAtomically(file, "one").ok());
  TestSpec spec, longer;
  longer.sequence_tokens = 32;
  const TokenizerFiles stored = {{"a", "b"}}, other = {{"a", "c"}}, none;
  std::set<std::string> keys = {
      Key(spec, {"ab", "c"}),
      Key(spec, {"a", "bc"}),
      Key(spec, {"abc"}),
      Key(longer, {"ab", "c"}),
      Key(spec, {"ab", "c"}, {file}),
      Key(spec, {"ab", "c"}, {}, &stored),
      Key(spec, {"ab", "c"}, {}, &other),
      Key(spec, {"ab", "c"}, {}, &none),
  };
  EXPECT_EQ(keys.size(), 8);
  ASSERT_TRUE(WriteFileAtomically(file, "two").ok());
  keys.insert(Key(spec, {"ab", "c"}, {file}));
  EXPECT_EQ(keys.size(), 9);
  keys.insert(Key(spec, {"ab", "c"}));
  EXPECT_EQ(keys.size(), 9);  // the same again
  fs::remove(file);
  EXPECT_FALSE(
      TokenKey(spec.Parse(), BuiltCatalogue(), Texts({"a"}), {file}, nullptr)
          .ok());
}

class Image final : public Dataset {
 public:
  explicit Image(float value) : value_(value) {}
  int64_t Size(Split) const override { return 1; }
  absl::StatusOr<Document> Get(Split, int64_t) const override {
    Document document;
    document.text = "a caption";
    document.patches = {1, value_};
    return document;
  }

 private:
  const float value_;
};

TEST(TokenKey, IsOfTheImagesToo) {
  const auto key = [](float value) {
    return TokenKey(TestSpec().Parse(), BuiltCatalogue(), Image(value), {},
                    nullptr)
        .value_or("none");
  };
  EXPECT_EQ(key(2).size(), 64);
  EXPECT_EQ(key(2), key(2));
  EXPECT_NE(key(2), key(3));
}

// An experiment on a text of 2,000 letters, whose tokenizer learns.
Spec CharacterSpec(const std::string& text) {
  std::string spec = TestSpec().Text();
  const auto replace = [&spec](absl::string_view from, const std::string& to) {
    spec.replace(spec.find(std::string(from)), from.size(), to);
  };
  replace("path: 'none'", absl::StrCat("path: '", text, "'"));
  replace("[tokenizer/byte]", "[tokenizer/char]");
  auto parsed = Spec::Parse("test", spec, {}, BuiltCatalogue());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return std::move(parsed).value();
}

TEST(TokenKey, PreparedDataAreThoseOfTheCache) {
  const std::string folder = testing::TempDir() + "/token_key_cache";
  fs::remove_all(folder);
  const std::string text = folder + "/text.txt";
  ASSERT_TRUE(MakeDirectories(folder).ok());
  std::string letters;
  for (int i = 0; i < 2000; ++i) letters += static_cast<char>('a' + i * i % 7);
  ASSERT_TRUE(WriteFileAtomically(text, letters).ok());
  const Spec spec = CharacterSpec(text);

  ASSERT_EQ(setenv("ARCHLAB_CACHE", "", 1), 0);
  const auto made = PrepareData(spec, BuiltCatalogue());
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(setenv("ARCHLAB_CACHE", folder.c_str(), 1), 0);
  for (int i = 0; i < 2; ++i) {  // made, found
    const auto data = PrepareData(spec, BuiltCatalogue());
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_EQ(data->corpus->hash(), made->corpus->hash());
    EXPECT_EQ(data->tokenizer->Save().value(), made->tokenizer->Save().value());
  }

  // Other tokens in its place are what the next one gets: it was the cache.
  std::string key;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tokens") key = entry.path().stem();
  const TokenCache cache(folder);
  auto kept = cache.Find(key);
  ASSERT_TRUE(kept.has_value());
  kept->parts.train.ids[0] ^= 1;
  cache.Keep(key, kept->tokenizer, kept->parts.train, kept->parts.validation);
  const auto changed = PrepareData(spec, BuiltCatalogue());
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_NE(changed->corpus->hash(), made->corpus->hash());

  // Another text is encoded anew.
  ASSERT_TRUE(WriteFileAtomically(text, letters + "a").ok());
  const auto longer = PrepareData(spec, BuiltCatalogue());
  ASSERT_TRUE(longer.ok()) << longer.status();
  EXPECT_NE(longer->corpus->hash(), made->corpus->hash());
  EXPECT_NE(longer->corpus->hash(), changed->corpus->hash());
  ASSERT_EQ(unsetenv("ARCHLAB_CACHE"), 0);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace archlab
