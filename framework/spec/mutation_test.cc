// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Thousands of damaged specs: none may crash, and what is accepted means the
// same to protobuf's own text parser.

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/match.h"
#include "spec/spec.h"
#include "spec/spec_testing.h"

namespace archlab {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

class Finder : public TextFormat::Finder {
 public:
  const Descriptor* FindAnyType(const Message&, const std::string& prefix,
                                const std::string& name) const override {
    absl::string_view kind, part;
    const std::string url = prefix + name;
    return SplitComponent(url, &kind, &part)
               ? FixedCatalogue().ConfigType(kind, part)
               : nullptr;
  }
};

class Quiet : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string& message) override {
    text = message;
  }
  std::string text;
};

// A spec that we accept: protobuf's parser must agree.
void ExpectSameAsProtobuf(const Spec& spec, const std::string& text) {
  const Finder finder;
  Quiet errors;
  TextFormat::Parser parser;
  parser.SetFinder(&finder);
  parser.RecordErrorsTo(&errors);
  spec::Experiment theirs;
  ASSERT_TRUE(parser.ParseFromString(text, &theirs)) << errors.text << text;
  EXPECT_EQ(theirs.SerializeAsString(), spec.experiment().SerializeAsString())
      << text;
}

// Accepted or refused; a refusal says where.
bool Try(const std::string& text, const std::vector<std::string>& overrides) {
  absl::StatusOr<Spec> spec =
      Spec::Parse("m", text, overrides, FixedCatalogue());
  if (!spec.ok()) {
    const absl::string_view message = spec.status().message();
    EXPECT_TRUE(absl::StartsWith(message, "m:") ||
                absl::StartsWith(message, "--set #"))
        << message;
    return false;
  }
  if (overrides.empty()) ExpectSameAsProtobuf(*spec, text);
  absl::StatusOr<Spec> again =
      Spec::Parse("r", spec->Resolved(), {}, FixedCatalogue());
  EXPECT_TRUE(again.ok()) << again.status() << text;
  if (!again.ok()) return true;
  EXPECT_EQ(again->Resolved(), spec->Resolved()) << text;
  return true;
}

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t n) { return random_() % n; }

  // One or two wounds, half of them slight.
  std::string Mutate(std::string text) {
    for (size_t i = 0, n = 1 + Below(2); i < n && !text.empty(); ++i) {
      const size_t at = Below(text.size());
      const size_t from = Below(text.size()), bytes = 1 + Below(20);
      switch (Below(12)) {
        case 0:
          text[at] = static_cast<char>(Below(256));
          break;
        case 1:
          text.erase(at, bytes);
          break;
        case 2:
          text.insert(at, text.substr(from, bytes));
          break;
        case 3:
          text.resize(at);
          break;
        case 4:
          text.insert(at, Pick(kTokens));
          break;
        case 5:
        case 6:
          ReplaceWord(&text, at);
          break;
        case 7:
          text.insert(at, Pick(kBlanks));
          break;
        default:
          OtherDigit(&text, at);
      }
    }
    return text;
  }

 private:
  template <size_t n>
  const char* Pick(const char* const (&of)[n]) {
    return of[Below(n)];
  }

  // The word at a place becomes another token.
  void ReplaceWord(std::string* text, size_t at) {
    const auto word = [&](size_t i) {
      return i < text->size() && (isalnum((*text)[i]) || (*text)[i] == '_');
    };
    size_t begin = at, end = at;
    while (begin > 0 && word(begin - 1)) --begin;
    while (word(end)) ++end;
    text->replace(begin, end - begin, Pick(kTokens));
  }

  // The next digit from a place on becomes another one.
  void OtherDigit(std::string* text, size_t at) {
    while (at < text->size() && !isdigit((*text)[at])) ++at;
    if (at < text->size()) (*text)[at] = static_cast<char>('0' + Below(10));
  }

  static constexpr const char* kBlanks[] = {" ", "\n", "\t", " # \xC3\xA4\n"};
  static constexpr const char* kTokens[] = {"{",
                                            "}",
                                            "[",
                                            "]",
                                            "<",
                                            ">",
                                            ":",
                                            ",",
                                            ";",
                                            "\"",
                                            "'",
                                            "#",
                                            "-",
                                            "0",
                                            "-1",
                                            "1e999",
                                            "nan",
                                            "inf",
                                            "0x10",
                                            "07",
                                            "1.5f",
                                            "true",
                                            "t",
                                            "heads",
                                            "block",
                                            "group",
                                            "type_url",
                                            "value",
                                            "\\xff",
                                            "\\",
                                            "[a/b]",
                                            "{}",
                                            "[*]",
                                            "[0]",
                                            "[]",
                                            "\xC3\xA4",
                                            "\n",
                                            "18446744073709551615",
                                            "-9223372036854775808",
                                            "[norm/rms_norm] {}",
                                            "[attention/dense]",
                                            "seed: 3",
                                            "question: 'q'",
                                            "precision: BF16",
                                            "window: 3",
                                            "2147483648",
                                            "GELU",
                                            "1e-400"};

  std::mt19937 random_;
};

TEST(Mutation, OfSpecs) {
  Mutator mutator(20240607);
  int accepted = 0;
  const int kTries = 6000;
  for (int i = 0; i < kTries; ++i)
    accepted += Try(mutator.Mutate(kTestSpec), {});
  // Both sides have been seen.
  EXPECT_GT(accepted, kTries / 50);
  EXPECT_LT(accepted, kTries / 2);
}

TEST(Mutation, OfTokenLists) {
  Mutator mutator(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int k = 0; k < 30; ++k) text = mutator.Mutate(text + " name: ");
    Try(text, {});
  }
}

TEST(Mutation, OfOverrides) {
  const std::vector<std::string> good = {
      "training.optimizer.weight_decay = 0",
      "model.decoder_only.stack.position = [position/rope] { theta: 5 }",
      "model.decoder_only.stack.group[0].block[*].attention.heads = 2",
      "generation.stop = [\"a\", 'b' \"c\"]",
      "generation.sampler[1] = { [sampler/greedy] {} }",
      "training.evaluation = { every_steps: 5 }"};
  Mutator mutator(99);
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    std::vector<std::string> overrides = {good[mutator.Below(good.size())],
                                          good[mutator.Below(good.size())]};
    overrides[0] = mutator.Mutate(overrides[0]);
    accepted += Try(kTestSpec, overrides);
  }
  EXPECT_GT(accepted, 200);
  EXPECT_LT(accepted, 3000);
}

}  // namespace
}  // namespace archlab
