// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Looking inside trained models: archlab attention, archlab inspect of a run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run_archlab.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

class Inside : public testing::Test {
 protected:
  // Trains a shipped experiment for two steps.
  std::string Run(const std::string& experiment,
                  const std::vector<std::string>& overrides) {
    std::vector<std::string> arguments = {"train",
                                          ARCHLAB_SOURCE_DIR "/experiments/" +
                                              experiment +
                                              "/experiment.textproto",
                                          "--run", folder_ / experiment};
    for (std::string each : overrides) {
      arguments.push_back("--set");
      arguments.push_back(each);
    }
    for (const char* each :
         {"training.steps = 2", "training.batch_sequences = 4"}) {
      arguments.push_back("--set");
      arguments.push_back(each);
    }
    const Ended trained = RunArchlab(folder_.path(), arguments);
    EXPECT_EQ(trained.status, 0) << trained.err;
    return folder_ / experiment;
  }
  std::string RunOfPairs(const std::string& experiment) {
    return Run(experiment, {"data.dataset.training_documents = 50",
                            "data.dataset.validation_documents = 20"});
  }
  Ended Attention(const std::string& run, std::vector<std::string> more) {
    more.insert(more.begin(), {"attention", run});
    return RunArchlab(folder_.path(), more);
  }

  const TestFolder folder_;
};

TEST_F(Inside, ADecodersWeightsAndScores) {
  const std::string run = Run("sort", {"data.dataset.training_documents = 50"});
  const Ended shown =
      Attention(run, {"--text", "210", "--target", "01", "--json"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const auto json = nlohmann::json::parse(shown.out);
  const auto& all = json["attn"]["all"];
  EXPECT_EQ(all["left_text"].dump(), R"(["2","1","0","[SEP]","0","1"])");
  ASSERT_EQ(all["attn"].size(), 3u);        // layers
  ASSERT_EQ(all["attn"][0].size(), 3u);     // heads
  ASSERT_EQ(all["attn"][0][0].size(), 6u);  // queries
  EXPECT_EQ(all["attn"][0][0][0].dump(), "[1.0,0.0,0.0,0.0,0.0,0.0]");
  EXPECT_EQ(json["scores"]["heads"].size(), 9u);
  EXPECT_EQ(json["scores"]["tokens"], 16);
  // A page is written where nobody asks for numbers.
  const Ended page = Attention(run, {"--text", "210", "--output",
                                     folder_ / "page.html", "--threads", "1"});
  ASSERT_EQ(page.status, 0) << page.err;
  EXPECT_EQ(page.out, (folder_ / "page.html") + "\n");
  EXPECT_THAT(ReadAll(folder_ / "page.html"), HasSubstr("<!doctype html>"));
}

TEST_F(Inside, AnEncoderDecoderWritesItsOwnTargetOrReadsOne) {
  const std::string run = RunOfPairs("copy");
  const Ended own = Attention(run, {"--text", "0123", "--json"});
  ASSERT_EQ(own.status, 0) << own.err;
  const auto written = nlohmann::json::parse(own.out);
  EXPECT_EQ(written["attn"].size(), 3u);
  EXPECT_EQ(written["attn"]["encoder"]["left_text"].dump(),
            R"(["0","1","2","3","[END]"])");
  EXPECT_EQ(written["attn"]["decoder"]["left_text"][0], "[START]");
  // What it writes is what generate writes.
  const Ended generated =
      RunArchlab(folder_.path(), {"generate", run, "--prompt", "0123"});
  std::string text;
  for (const auto& each : written["attn"]["cross"]["left_text"])
    if (each != "[START]") text += each;
  EXPECT_EQ(generated.out, "0123\n" + text + "\n");
  const Ended forced =
      Attention(run, {"--text", "0123", "--target", "99", "--json"});
  ASSERT_EQ(forced.status, 0) << forced.err;
  const auto cross = nlohmann::json::parse(forced.out)["attn"]["cross"];
  EXPECT_EQ(cross["left_text"].dump(), R"(["[START]","9","9"])");
  EXPECT_EQ(cross["attn"][1][7][2].size(), 5u);
}

TEST_F(Inside, WhatCannotBeLookedAtIsSaid) {
  const std::string run = Run("sort", {"data.dataset.training_documents = 50"});
  const auto refused = [&](std::vector<std::string> more) {
    const Ended ended = Attention(run, std::move(more));
    EXPECT_EQ(ended.status, 2) << ended.out;
    return ended.err;
  };
  EXPECT_THAT(refused({"--text", ""}), HasSubstr("--text: must not be empty"));
  EXPECT_THAT(refused({"--text", "0", "--target", ""}),
              HasSubstr("--target: must not be empty"));
  EXPECT_THAT(refused({"--text", "0120120120120120"}),
              HasSubstr("--text has 17 tokens with those that the objective "
                        "adds, but the model reads 16; shorten it"));
  EXPECT_THAT(refused({"--text", "012", "--target", "0120120120120"}),
              HasSubstr("--text together with --target has 17 tokens"));
  EXPECT_THAT(refused({"--text", "x"}), HasSubstr("--text: the character 'x'"));
  EXPECT_THAT(refused({"--text", "0", "--target", "y"}),
              HasSubstr("--target: the character 'y'"));
  EXPECT_THAT(refused({"--text", "0", "--output", folder_ / "none/x.html"}),
              HasSubstr("none/x.html"));
  const Ended nowhere = Attention(folder_ / "nowhere", {"--text", "0"});
  EXPECT_EQ(nowhere.status, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("no such folder"));
}

TEST_F(Inside, ImagesAreNoText) {
  const auto big_endian = [](uint32_t x) {
    return std::string{char(x >> 24), char(x >> 16), char(x >> 8), char(x)};
  };
  const auto images = std::string("\0\0\x08\x03", 4) + big_endian(4) +
                      big_endian(8) + big_endian(8) + std::string(256, 'a');
  const auto labels = std::string("\0\0\x08\x01", 4) + big_endian(4) +
                      std::string("\0\1\2\3", 4);
  WriteAll(folder_ / "images", images);
  WriteAll(folder_ / "labels", labels);
  std::vector<std::string> data = {"data.sequence_tokens = 4"};
  for (const char* part : {"", "validation_"}) {
    data.push_back(std::string("data.dataset.") + part + "images = \"" +
                   (folder_ / "images") + "\"");
    data.push_back(std::string("data.dataset.") + part + "labels = \"" +
                   (folder_ / "labels") + "\"");
  }
  const std::string run = Run("vit_fashion", data);
  const Ended refused = Attention(run, {"--text", "0"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("a model of images reads patches; archlab "
                                     "attention shows text"));
  // Its activations can be looked at.
  const Ended inspected =
      RunArchlab(folder_.path(), {"inspect", run, "--activations"});
  EXPECT_EQ(inspected.status, 0) << inspected.err;
  EXPECT_THAT(inspected.out, HasSubstr("encoder.3.feed_forward.hidden"));
}

TEST_F(Inside, AClassifierReadsItsMarksAndTakesNoTarget) {
  WriteAll(folder_ / "labels.tsv", "ab\t1\nba\t0\naab\t1\nb\t0\n");
  const std::string run = Run(
      "bert_classify",
      {"training.initial = []", "data.tokenizer = [tokenizer/char] {}",
       "data.dataset.path = \"" + (folder_ / "labels.tsv") + "\"",
       "data.dataset.validation_path = \"" + (folder_ / "labels.tsv") + "\"",
       "data.dataset.skip_lines = 0", "data.group_by_length = 0",
       "data.sequence_tokens = 8",
       "model.encoder_only.stack.position = [position/learned] {}"});
  const Ended shown = Attention(run, {"--text", "aba", "--json"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  const auto json = nlohmann::json::parse(shown.out);
  EXPECT_EQ(json["attn"]["all"]["left_text"].dump(),
            R"(["[CLS]","a","b","a","[SEP]"])");
  EXPECT_EQ(json["scores"]["heads"].size(), 0u);
  const Ended target = Attention(run, {"--text", "a", "--target", "b"});
  EXPECT_EQ(target.status, 2);
  EXPECT_THAT(target.err, HasSubstr("--target: this model writes no text"));
  const Ended cut = Attention(run, {"--text", "abababababa"});
  EXPECT_EQ(cut.status, 2);
  EXPECT_THAT(cut.err, HasSubstr("--text has 13 tokens"));
}

TEST_F(Inside, InspectOfARun) {
  const std::string run = RunOfPairs("copy");
  const auto inspect = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"inspect", run});
    return RunArchlab(folder_.path(), more);
  };
  const Ended table = inspect({});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("feed_forward/mlp"));
  const Ended activations = inspect({"--activations"});
  EXPECT_EQ(activations.status, 0) << activations.err;
  EXPECT_THAT(activations.out, HasSubstr("decoder.1.cross_attention_norm"));
  EXPECT_THAT(activations.out, HasSubstr("entropy of a row, nats"));
  const auto json = nlohmann::json::parse(
      inspect({"--activations", "--batches", "2", "--json"}).out);
  EXPECT_EQ(json["activations"][0]["path"], "encoder.embedding");
  EXPECT_EQ(json["activations"][0]["tokens"], 2 * 4 * 11);
  EXPECT_EQ(json["attention"].size(), 6u);
  const Ended alone = inspect({"--batches", "2"});
  EXPECT_EQ(alone.status, 2);
  EXPECT_THAT(alone.err, HasSubstr("--batches requires --activations"));
  const Ended spec = RunArchlab(
      folder_.path(),
      {"inspect", ARCHLAB_SOURCE_DIR "/experiments/copy/experiment.textproto",
       "--activations"});
  EXPECT_EQ(spec.status, 2);
  EXPECT_THAT(spec.err, HasSubstr("not the folder of a run"));
}

}  // namespace
}  // namespace archlab
