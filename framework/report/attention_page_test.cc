// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Every number that is printed or drawn, against a transformer of plain loops
// with the same weights.

#include "report/attention_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

constexpr int64_t kIds = 11, kWidth = 16, kQueryHeads = 4, kKeyHeads = 2;

using Rows = std::vector<std::vector<double>>;
using Maps = std::map<std::string, std::vector<std::vector<Rows>>>;

// Pre-norm blocks with RMS norms, grouped heads and ReLU, in f64.
class NaiveTransformer {
 public:
  explicit NaiveTransformer(const ParameterStore& store) : store_(store) {}

  // Hidden states of a stack; its maps go to `self`, and `cross` with memory.
  Rows Stack(const std::string& name, const std::vector<int32_t>& ids,
             const Rows* memory, const std::string& self) {
    Rows x;
    for (size_t t = 0; t < ids.size(); ++t) {
      x.emplace_back(kWidth);
      for (int64_t c = 0; c < kWidth; ++c)
        x[t][c] = At("embedding.weight", ids[t] * kWidth + c) +
                  At(name + ".position.weight", t * kWidth + c);
    }
    for (int layer = 0; layer < 2; ++layer) {
      const std::string at = absl::StrCat(name, ".", layer, ".");
      const bool causal = name == "decoder";
      Rows h = Normed(at + "attention_norm.weight", x);
      Add(Attend(at + "attention", h, h, causal, self), &x);
      if (memory != nullptr) {
        h = Normed(at + "cross_attention_norm.weight", x);
        Add(Attend(at + "cross_attention", h, *memory, false, "cross"), &x);
      }
      h = Times(at + "feed_forward.in.weight",
                Normed(at + "feed_forward_norm.weight", x));
      for (auto& row : h)
        for (double& each : row) each = std::max(0.0, each);
      Add(Times(at + "feed_forward.out.weight", h), &x);
    }
    return Normed(name + ".final_norm.weight", x);
  }
  const Maps& maps() const { return maps_; }

 private:
  double At(const std::string& path, int64_t i) const {
    const ParameterData* const found = store_.Find(path);
    EXPECT_NE(found, nullptr) << path;
    return found == nullptr ? 0 : found->master.At(i);
  }
  static void Add(const Rows& y, Rows* x) {
    for (size_t t = 0; t < y.size(); ++t)
      for (int64_t c = 0; c < kWidth; ++c) (*x)[t][c] += y[t][c];
  }
  Rows Times(const std::string& path, const Rows& x) const {
    const Shape shape = store_.Find(path)->shape;  // [out, in]
    Rows y;
    for (const auto& row : x) {
      y.emplace_back(shape[0]);
      for (int64_t o = 0; o < shape[0]; ++o)
        for (int64_t i = 0; i < shape[1]; ++i)
          y.back()[o] += At(path, o * shape[1] + i) * row[i];
    }
    return y;
  }
  Rows Normed(const std::string& path, Rows x) const {
    for (auto& row : x) {
      double square = 0;
      for (const double each : row) square += each * each / kWidth;
      for (int64_t c = 0; c < kWidth; ++c)
        row[c] *= At(path, c) / std::sqrt(square + 1e-6);
    }
    return x;
  }
  Rows Attend(const std::string& path, const Rows& x, const Rows& memory,
              bool causal, const std::string& view) {
    const int64_t dim = kWidth / kQueryHeads;
    const Rows q = Times(path + ".q.weight", x);
    const Rows k = Times(path + ".k.weight", memory);
    const Rows v = Times(path + ".v.weight", memory);
    Rows y(x.size(), std::vector<double>(kWidth));
    maps_[view].emplace_back();
    for (int64_t h = 0; h < kQueryHeads; ++h) {
      const int64_t group = h / (kQueryHeads / kKeyHeads);
      Rows map(x.size(), std::vector<double>(memory.size()));
      for (size_t i = 0; i < x.size(); ++i) {
        double total = 0;
        for (size_t j = 0; j < memory.size(); ++j) {
          if (causal && j > i) continue;
          double score = 0;
          for (int64_t d = 0; d < dim; ++d)
            score += q[i][h * dim + d] * k[j][group * dim + d];
          total += map[i][j] = std::exp(score / std::sqrt(double(dim)));
        }
        for (size_t j = 0; j < memory.size(); ++j) {
          map[i][j] /= total;
          for (int64_t d = 0; d < dim; ++d)
            y[i][h * dim + d] += map[i][j] * v[j][group * dim + d];
        }
      }
      maps_[view].back().push_back(map);
    }
    return Times(path + ".out.weight", y);
  }

  const ParameterStore& store_;
  Maps maps_;
};

TestSpec PlainSpec() {
  TestSpec spec;
  spec.width = kWidth;
  spec.heads = kQueryHeads;
  spec.attention_fields = "kv_heads: 2";
  spec.position = "[position/learned] {}";
  spec.norm = "[norm/rms_norm] {}";
  spec.feed_forward = "[feed_forward/mlp] { activation: RELU }";
  return spec;
}

// The model, with weights so large that heads look at something.
std::unique_ptr<Model> Loud(const TestSpec& spec) {
  auto model = spec.Build(DType::kF32, kIds);
  for (const auto& parameter : model->parameters().parameters()) {
    Random random(3, 0, SiteHash(parameter->path));
    const bool gain = parameter->shape.rank() == 1;
    for (int64_t i = 0; i < parameter->master.size(); ++i)
      parameter->master.Set(i, gain + (gain ? 0.1 : 0.5) * random.Normal());
  }
  model->parameters().Refresh();
  return model;
}

std::string Hostile(int32_t id) {
  return id == 3 ? "</script><img src=x onerror=alert(1)>"
                 : absl::StrCat("t", id);
}

AttentionReport Report(Model& model, const Batch& batch) {
  AttentionReport report;
  report.run = "run";
  report.token = Hostile;
  auto maps = ReadAttentionMaps(model, batch);
  EXPECT_TRUE(maps.ok()) << maps.status();
  report.maps = *std::move(maps);
  return report;
}

// All numbers of the JSON and of the page are those of the loops.
void ExpectMaps(const AttentionReport& report, const Maps& expected) {
  const auto json = nlohmann::json::parse(AttentionJson(report));
  ASSERT_EQ(json["attn"].size(), expected.size());
  const std::string page = AttentionPage(report);
  const std::string begin = "id=\"data\">";
  const size_t at = page.find(begin) + begin.size();
  const auto data =
      nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
  int64_t numbers = 0;
  for (const auto& view : data["views"]) {
    const auto& layers = expected.at(view["name"]);
    const auto& printed = json["attn"][view["name"].get<std::string>()];
    EXPECT_EQ(printed["left_text"], view["left"]);
    EXPECT_EQ(printed["right_text"], view["right"]);
    ASSERT_EQ(printed["attn"].size(), layers.size());
    ASSERT_EQ(view["layers"].size(), layers.size());
    for (size_t l = 0; l < layers.size(); ++l) {
      std::string bytes;
      ASSERT_TRUE(absl::Base64Unescape(
          view["layers"][l]["bytes"].get<std::string>(), &bytes));
      size_t byte = 0;
      for (size_t h = 0; h < layers[l].size(); ++h) {
        const double largest = view["layers"][l]["largest"][h];
        for (size_t i = 0; i < layers[l][h].size(); ++i)
          for (size_t j = 0; j < layers[l][h][i].size(); ++j, ++numbers) {
            const double weight = layers[l][h][i][j];
            ASSERT_NEAR(printed["attn"][l][h][i][j].get<double>(), weight,
                        1e-5);
            ASSERT_NEAR(uint8_t(bytes[byte++]) / 255.0 * largest, weight,
                        0.5 / 255 * largest + 1e-5);
          }
      }
      EXPECT_EQ(byte, bytes.size());
    }
  }
  EXPECT_GT(numbers, 0);
}

const std::vector<int32_t> kText = {1, 5, 3, 9, 0, 5, 2};

TEST(AttentionPage, OfADecoderIsThatOfPlainLoops) {
  const auto model = Loud(PlainSpec());
  Batch batch;
  batch.ids = Tensor::FromI32({1, 7}, kText);
  NaiveTransformer naive(model->parameters());
  naive.Stack("decoder", kText, nullptr, "all");
  ExpectMaps(Report(*model, batch), naive.maps());
}

TEST(AttentionPage, OfAnEncoderDecoderIsThatOfPlainLoops) {
  TestSpec spec = PlainSpec();
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  const auto model = Loud(spec);
  const std::vector<int32_t> target = {4, 3, 8, 10};
  Batch batch;
  batch.ids = Tensor::FromI32({1, 7}, kText);
  batch.decoder_ids = Tensor::FromI32({1, 4}, target);
  NaiveTransformer naive(model->parameters());
  const Rows memory = naive.Stack("encoder", kText, nullptr, "encoder");
  naive.Stack("decoder", target, &memory, "decoder");
  const AttentionReport report = Report(*model, batch);
  ExpectMaps(report, naive.maps());
  const auto json = nlohmann::json::parse(AttentionJson(report));
  EXPECT_EQ(json["attn"]["cross"]["left_text"][0], "t4");
  EXPECT_EQ(json["attn"]["cross"]["right_text"][0], "t1");
  EXPECT_EQ(json["layers"]["cross"][1], "decoder.1.cross_attention");
}

TEST(AttentionPage, NoTokenEndsTheScript) {
  const auto model = Loud(PlainSpec());
  Batch batch;
  batch.ids = Tensor::FromI32({1, 7}, kText);
  const std::string page = AttentionPage(Report(*model, batch));
  int ends = 0;
  for (size_t at = page.find("</script>"); at != std::string::npos;
       at = page.find("</script>", at + 1))
    ++ends;
  EXPECT_EQ(ends, 2);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_THAT(page, testing::HasSubstr("\\u003c/script>\\u003cimg"));
  // Nothing is fetched.
  EXPECT_EQ(page.find("http:"), std::string::npos);
  EXPECT_EQ(page.find("https:"), std::string::npos);
}

TEST(AttentionPage, NegativeWeightsKeepTheirSign) {
  AttentionReport report;
  report.token = Hostile;
  report.maps.views.push_back(
      {"all", {1}, {1, 2}, {{"here", Tensor::From({1, 1, 2}, {0.5, -0.25})}}});
  const std::string page = AttentionPage(report);
  EXPECT_THAT(page, testing::HasSubstr("\"signed\":true,\"largest\":[0.5]"));
  // 128 + 127 and 128 - 64.
  EXPECT_THAT(page, testing::HasSubstr(absl::Base64Escape("\xFF\x40")));
}

TEST(AttentionMaps, AModelWithoutWeightsIsRefused) {
  TestSpec spec;
  spec.mixer = "[mixer/linear] { heads: 2 }";
  const auto model = spec.Build(DType::kF32, kIds);
  Batch batch;
  batch.ids = Tensor::FromI32({1, 7}, kText);
  const auto maps = ReadAttentionMaps(*model, batch);
  EXPECT_EQ(maps.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(maps.status().message()),
              testing::HasSubstr("no weights of pairs of tokens: "
                                 "decoder.0.mixer mixes the sequence in "
                                 "another way"));
}

TEST(AttentionMaps, TooManyWeightsAreRefused) {
  TestSpec spec;
  const auto model = spec.Build(DType::kF32, kIds);
  Batch batch;
  batch.ids = Tensor::Zeros({1, 5000}, DType::kI32);  // 4 heads of 5000^2
  const auto maps = ReadAttentionMaps(*model, batch);
  EXPECT_EQ(maps.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(maps.status().message()),
              testing::HasSubstr("the text has 5000 tokens, whose weights in 4 "
                                 "heads are too many to look at; shorten it "
                                 "to 4096 tokens"));
}

}  // namespace
}  // namespace archlab
