// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every tokenizer keeps.

#include <map>
#include <string>
#include <vector>

#include "archlab/tokenizer.h"
#include "testing/contract.h"

namespace archlab {
namespace {

// Several scripts, white space of all sorts, an emoji of several code points.
const std::vector<std::string>& Corpus() {
  static const auto& corpus = *new std::vector<std::string>{
      "In the beginning God created the heaven and the earth.\n\n",
      "  And the evening and the morning were the first day; 1, 2, 3!\t\r\n",
      "it's we'll I'VE \"quoted\" (a+b)*c == 42",
      "caf\u00e9 na\u00efve \u03b1\u03b2\u03b3 \u65e5\u672c\u8a9e "
      "\U0001F469\u200D\U0001F680",
      "",
      std::string("\0 a zero", 8),
  };
  return corpus;
}

absl::Status EachDocument(Split, const DocumentVisitor& visit) {
  for (const std::string& document : Corpus()) visit(document);
  return absl::OkStatus();
}

std::string Decoded(const Tokenizer& tokenizer,
                    const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids) text += tokenizer.Bytes(id);
  return text;
}

// Decoding gives the text, or, where the tokenizer says that it normalises, a
// text with the same ids.
void ExpectRoundTrip(const ContractCase& c, const Tokenizer& tokenizer,
                     const std::vector<int32_t>& ids, const std::string& text) {
  const std::string decoded = Decoded(tokenizer, ids);
  if (!c.traits().normalizes()) {
    EXPECT_EQ(decoded, text);
    return;
  }
  std::vector<int32_t> again;
  const absl::Status status = tokenizer.Encode(decoded, &again);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(again, ids) << "of '" << decoded << "', decoded from '" << text
                        << "'";
}

void ReproducesTheCorpus(const ContractCase& c) {
  const auto tokenizer = c.Make<Tokenizer>();
  ASSERT_TRUE(tokenizer->Train(EachDocument).ok());
  const int64_t vocabulary = tokenizer->VocabularySize();
  ASSERT_GT(vocabulary, 0);
  for (const std::string& document : Corpus()) {
    std::vector<int32_t> ids;
    const absl::Status status = tokenizer->Encode(document, &ids);
    ASSERT_TRUE(status.ok()) << status;
    ExpectRoundTrip(c, *tokenizer.get(), ids, document);
    for (const int32_t id : ids) {
      EXPECT_GE(id, 0);
      EXPECT_LT(id, vocabulary);
    }
  }
}

void EncodeAppends(const ContractCase& c) {
  const auto tokenizer = c.Make<Tokenizer>();
  ASSERT_TRUE(tokenizer->Train(EachDocument).ok());
  std::vector<int32_t> ids = {-7};
  ASSERT_TRUE(tokenizer->Encode(Corpus()[0], &ids).ok());
  ASSERT_GT(ids.size(), 1);
  EXPECT_EQ(ids[0], -7);
}

// Text that was not in the corpus comes back as it was, or is refused with a
// message.
void OtherBytesComeBackOrAreRefused(const ContractCase& c) {
  const auto tokenizer = c.Make<Tokenizer>();
  ASSERT_TRUE(tokenizer->Train(EachDocument).ok());
  Random random(3, 0, SiteHash("tokenizer contract"));
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (uint64_t n = random.Below(40); n > 0; --n)
      text +=
          i % 2 == 0 ? char(random.Below(256)) : char(' ' + random.Below(95));
    std::vector<int32_t> ids;
    const absl::Status status = tokenizer->Encode(text, &ids);
    if (status.ok())
      ExpectRoundTrip(c, *tokenizer.get(), ids, text);
    else
      EXPECT_FALSE(status.message().empty());
  }
}

void IdsOutOfRangeHaveNoBytes(const ContractCase& c) {
  const auto tokenizer = c.Make<Tokenizer>();
  ASSERT_TRUE(tokenizer->Train(EachDocument).ok());
  const int32_t vocabulary = int32_t(tokenizer->VocabularySize());
  for (const int32_t id : {-1, INT32_MIN, vocabulary, INT32_MAX})
    EXPECT_EQ(tokenizer->Bytes(id), "");
}

void TrainingIsDeterministic(const ContractCase& c) {
  const auto a = c.Make<Tokenizer>();
  const auto b = c.Make<Tokenizer>();
  ASSERT_TRUE(a->Train(EachDocument).ok());
  ASSERT_TRUE(b->Train(EachDocument).ok());
  const auto first = a->Save();
  const auto second = b->Save();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
}

void LoadedIsTheSame(const ContractCase& c) {
  const auto trained = c.Make<Tokenizer>();
  const auto loaded = c.Make<Tokenizer>();
  ASSERT_TRUE(trained->Train(EachDocument).ok());
  const auto files = trained->Save();
  ASSERT_TRUE(files.ok()) << files.status();
  const absl::Status status = loaded->Load(*files);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(loaded->VocabularySize(), trained->VocabularySize());
  for (const std::string& document : Corpus()) {
    std::vector<int32_t> ids, again;
    ASSERT_TRUE(trained->Encode(document, &ids).ok());
    ASSERT_TRUE(loaded->Encode(document, &again).ok());
    EXPECT_EQ(ids, again);
    EXPECT_EQ(Decoded(*loaded.get(), again), Decoded(*trained.get(), ids));
  }
}

// Truncated, overwritten or missing files are refused with a message, or hold
// a tokenizer all the same; nothing crashes.
void BadFilesAreRefusedOrWork(const ContractCase& c) {
  const auto trained = c.Make<Tokenizer>();
  ASSERT_TRUE(trained->Train(EachDocument).ok());
  const auto files = trained->Save();
  ASSERT_TRUE(files.ok()) << files.status();
  std::vector<TokenizerFiles> bad;
  for (const auto& [name, content] : *files) {
    for (const size_t kept : {size_t{0}, content.size() / 2})
      (bad.emplace_back(*files))[name] = content.substr(0, kept);
    for (const char noise : {'\0', '}', '\xff'}) {
      std::string changed = content;
      for (size_t i = 0; i < changed.size(); i += 37) changed[i] = noise;
      (bad.emplace_back(*files))[name] = changed;
    }
    bad.emplace_back(*files).erase(name);
  }
  for (const TokenizerFiles& some : bad) {
    const auto tokenizer = c.Make<Tokenizer>();
    const absl::Status status = tokenizer->Load(some);
    if (!status.ok()) {
      EXPECT_FALSE(status.message().empty());
      continue;
    }
    std::vector<int32_t> ids;
    if (tokenizer->Encode("the", &ids).ok()) Decoded(*tokenizer.get(), ids);
  }
}

}  // namespace

Contract TokenizerContract() {
  return {{"ReproducesTheCorpus", ReproducesTheCorpus},
          {"EncodeAppends", EncodeAppends},
          {"OtherBytesComeBackOrAreRefused", OtherBytesComeBackOrAreRefused},
          {"IdsOutOfRangeHaveNoBytes", IdsOutOfRangeHaveNoBytes},
          {"TrainingIsDeterministic", TrainingIsDeterministic},
          {"LoadedIsTheSame", LoadedIsTheSame},
          {"BadFilesAreRefusedOrWork", BadFilesAreRefusedOrWork}};
}

}  // namespace archlab
