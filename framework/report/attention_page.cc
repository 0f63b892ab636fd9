// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/attention_page.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "report/assets.h"

namespace archlab {
namespace {

// Its numbers are f32, and printed with as few digits as give them again.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector,
                                  std::string, bool, int64_t, uint64_t, float>;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> Texts(const AttentionReport& report,
                               const std::vector<int32_t>& ids) {
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  for (const int32_t id : ids) texts.push_back(report.token(id));
  return texts;
}

// [H, Tq, Tk] as lists.
Json Lists(const Tensor& weights) {
  const float* w = weights.data<float>();
  Json heads = Json::array();
  for (int64_t h = 0; h < weights.dim(0); ++h) {
    Json rows = Json::array();
    for (int64_t i = 0; i < weights.dim(1); ++i, w += weights.dim(2))
      rows.push_back(std::vector<float>(w, w + weights.dim(2)));
    heads.push_back(std::move(rows));
  }
  return heads;
}

Json ScoresJson(const HeadScores& scores) {
  Json heads = Json::array();
  for (const HeadScore& score : scores.heads)
    heads.push_back({{"path", score.path},
                     {"layer", score.layer},
                     {"head", score.head},
                     {"previous_token", static_cast<float>(score.previous)},
                     {"duplicate_token", static_cast<float>(score.duplicate)},
                     {"induction", static_cast<float>(score.induction)}});
  return {{"tokens", scores.ids.size()}, {"heads", std::move(heads)}};
}

// A head's weights as bytes, appended; returns the weight of the largest byte.
float Quantise(const float* weights, int64_t count, bool is_signed,
               std::string* bytes) {
  float largest = 0;
  for (int64_t i = 0; i < count; ++i)
    largest = std::max(largest, std::abs(weights[i]));
  const float steps = is_signed ? 127 : 255;
  const float scale = largest > 0 ? steps / largest : 0;
  for (int64_t i = 0; i < count; ++i)
    bytes->push_back(static_cast<char>(static_cast<uint8_t>(
        std::lround(weights[i] * scale) + (is_signed ? 128 : 0))));
  return largest;
}

Json PageLayer(const LayerMaps& layer) {
  const int64_t heads = layer.weights.dim(0);
  const int64_t count = layer.weights.size() / heads;
  const float* const weights = layer.weights.data<float>();
  const bool is_signed = std::any_of(weights, weights + layer.weights.size(),
                                     [](float w) { return w < 0; });
  std::string bytes;
  Json largest = Json::array();
  for (int64_t h = 0; h < heads; ++h)
    largest.push_back(Quantise(weights + h * count, count, is_signed, &bytes));
  return {{"path", layer.path},
          {"heads", heads},
          {"signed", is_signed},
          {"largest", std::move(largest)},
          {"bytes", absl::Base64Escape(bytes)}};
}

// In an element of script, text must not end it.
std::string PageData(const AttentionReport& report) {
  Json views = Json::array();
  for (const AttentionView& view : report.maps.views) {
    Json layers = Json::array();
    for (const LayerMaps& layer : view.layers)
      layers.push_back(PageLayer(layer));
    views.push_back({{"name", view.name},
                     {"left", Texts(report, view.queries)},
                     {"right", Texts(report, view.keys)},
                     {"layers", std::move(layers)}});
  }
  const Json data = {{"run", report.run},
                     {"step", report.step},
                     {"views", std::move(views)},
                     {"without", report.maps.without},
                     {"scores", ScoresJson(report.scores)}};
  return absl::StrReplaceAll(Dump(data), {{"<", "\\u003c"}});
}

}  // namespace

std::string AttentionJson(const AttentionReport& report) {
  Json views = Json::object(), layers = Json::object();
  for (const AttentionView& view : report.maps.views) {
    Json maps = Json::array(), paths = Json::array();
    for (const LayerMaps& layer : view.layers) {
      maps.push_back(Lists(layer.weights));
      paths.push_back(layer.path);
    }
    views[view.name] = {{"attn", std::move(maps)},
                        {"left_text", Texts(report, view.queries)},
                        {"right_text", Texts(report, view.keys)}};
    layers[view.name] = std::move(paths);
  }
  return Dump({{"attn", std::move(views)},
               {"layers", std::move(layers)},
               {"without", report.maps.without},
               {"scores", ScoresJson(report.scores)}});
}

std::string AttentionPage(const AttentionReport& report) {
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src "
      "'unsafe-inline'; img-src data:\">\n"
      "<title>Attention</title>\n<style>\n",
      report::kAttentionPageCss,
      "</style>\n</head>\n<body>\n<main id=\"page\"><noscript>This page draws "
      "with JavaScript.</noscript></main>\n"
      "<script type=\"application/json\" id=\"data\">",
      PageData(report), "</script>\n<script>\n", report::kAttentionPageJs,
      "</script>\n</body>\n</html>\n");
}

}  // namespace archlab
