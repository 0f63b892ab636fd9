// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "archlab/file.h"
#include "archlab/utf8.h"
#include "nlohmann/json.hpp"
#include "report/made_up_results.h"

namespace archlab {
namespace {

using report::kHostile;
using report::MadeUpResults;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

// What stands between two marks, without them.
std::string Between(absl::string_view text, absl::string_view from,
                    absl::string_view to) {
  const size_t begin = text.find(from);
  if (begin == absl::string_view::npos) return "";
  text.remove_prefix(begin + from.size());
  return std::string(text.substr(0, text.find(to)));
}

int Count(absl::string_view text, absl::string_view word) {
  return static_cast<int>(
      std::vector<absl::string_view>(absl::StrSplit(text, word)).size() - 1);
}

Json DataOf(const std::string& page) {
  return Json::parse(
      Between(page, "type=\"application/json\" id=data>", "</script>"), nullptr,
      false);
}

// The page without scripts, styles and data.
std::string BodyOf(const std::string& page) {
  return Between(page, "<body>", "<script type=\"application/json\"");
}

TEST(ReportHtml, SaysTheVerdictThenWarningsThenNumbers) {
  const std::string body = BodyOf(ReportHtml(MadeUpResults()));
  std::vector<size_t> places;
  for (const char* part :
       {"<h1>Do rotary positions learn faster", "Yes: rope is better",
        "All runs used two threads", "seed 5: failed, and left out: the loss",
        "attention/my_window has no certificate", "<h2 id=results>",
        "Arms by validation loss (nats a token)", "What it cost",
        "Not comparable, and not ranked", "<h2 id=differences>",
        "<h2 id=training-title>", "<h2 id=positions-title>", "<h2 id=arms>",
        "<h2 id=done>", "archlab study position.textproto"}) {
    places.push_back(body.find(part));
    EXPECT_NE(places.back(), std::string::npos) << part;
  }
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
}

TEST(ReportHtml, ShowsTheNumbersOfAnArm) {
  StudyResults results = MadeUpResults();
  StudyArm& rope = results.arms[1];
  rope.estimate = Estimate{5, 1.54321, 0.01, {1.53111, 1.55531}};
  rope.difference = Difference{5, -0.06128, 0.01, {-0.07111, -0.05139}, 0.001};
  rope.adjusted_p = 0.0123;
  rope.verdict = Verdict::kBetter;
  rope.detectable = 0.00712;
  rope.documents = Interval{-0.081, -0.041};
  const std::string row = Between(
      ReportHtml(results), "data-label=\"Arm\"><span>rope</span>", "</tr>");
  for (const char* number :
       {">1.543<", "[1.531, 1.555]", ">\u22120.0613<",
        "[\u22120.0711, \u22120.0514]", ">0.012<", "verdict better\">better<",
        ">0.0071<", "[\u22120.081, \u22120.041]"})
    EXPECT_THAT(row, HasSubstr(number));
}

TEST(ReportHtml, PutsBudgetsBesideWithRatiosAndMarksTheMatchedOne) {
  const std::string costs =
      Between(ReportHtml(MadeUpResults()), "<caption>What it cost", "</table>");
  EXPECT_THAT(costs, HasSubstr("class=\"number marked\">Training FLOPs"));
  EXPECT_EQ(Count(costs, "matched"), 1);
  const std::string rope =
      Between(costs, "data-label=\"Arm\"><span>rope</span>", "</tr>");
  for (const char* text :
       {">1.25 M<", "\u00d7 1.01", ">1.5 T<", "\u00d7 1.00", ">1 min 07 s<",
        "\u00d7 1.10", ">131.1 kB<", "\u00d7 0.50", ">38 k<", "\u00d7 0.93"})
    EXPECT_THAT(rope, HasSubstr(text));
}

TEST(ArmsJsonl, HoldsWhatTheTableSays) {
  const StudyResults results = MadeUpResults();
  const std::string lines = ArmsJsonl(results);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'),
            static_cast<int64_t>(results.arms.size()));
  const std::vector<std::string> each = absl::StrSplit(lines, '\n');
  const auto rope = nlohmann::json::parse(each[1]);
  EXPECT_EQ(rope["arm"], "rope");
  EXPECT_EQ(rope["difference"]["value"], results.arms[1].difference->mean);
  EXPECT_EQ(rope["difference"]["p_holm"], results.arms[1].adjusted_p);
  EXPECT_TRUE(rope["difference"].contains("verdict"));
  EXPECT_EQ(lines.find("second"), std::string::npos);
}

TEST(ReportHtml, NeverRanksWhatStandsApart) {
  const std::string page = ReportHtml(MadeUpResults());
  EXPECT_THAT(Between(page, "<caption>Arms by", "</table>"),
              Not(HasSubstr("masked")));
  // What it cost is another thing: every arm's budgets are printed.
  EXPECT_THAT(Between(page, "<caption>What it cost", "</table>"),
              HasSubstr("masked"));
  EXPECT_THAT(Between(page, "<div class=forest>", "forest-axis"),
              Not(HasSubstr("masked")));
  const std::string apart =
      Between(page, "<caption>Not comparable", "</table>");
  EXPECT_THAT(apart, HasSubstr("masked"));
  EXPECT_THAT(apart, HasSubstr("its loss is of masked words, the "
                               "baseline&#39;s of next words"));
  EXPECT_EQ(DataOf(page)["arms"][3]["apart"], true);
}

TEST(ReportHtml, IdenticalHasNoP) {
  StudyResults results = MadeUpResults();
  StudyArm& rope = results.arms[1];
  rope.difference = ComparePaired({1.5, 1.6, 1.7}, {1.5, 1.6, 1.7});
  rope.adjusted_p = 0;
  rope.verdict = Verdict::kIdentical;
  const std::string row = Between(
      ReportHtml(results), "data-label=\"Arm\"><span>rope</span>", "</tr>");
  EXPECT_THAT(row, HasSubstr("verdict identical\">identical<"));
  EXPECT_THAT(row, HasSubstr("data-label=\"p\"><span>-</span>"));
  EXPECT_THAT(row, HasSubstr("every pair is equal, bit for bit"));
}

TEST(ReportHtml, InconclusiveSaysWhatWouldHaveBeenSeen) {
  StudyResults results = MadeUpResults();
  results.arms[2].verdict = Verdict::kInconclusive;
  results.arms[2].detectable = 0.02;
  EXPECT_THAT(BodyOf(ReportHtml(results)),
              HasSubstr("a difference of 0.020 or more would have been seen "
                        "with 80 % probability"));
  results.arms[2].detectable = std::numeric_limits<double>::infinity();
  EXPECT_THAT(BodyOf(ReportHtml(results)),
              HasSubstr("too few seeds to tell a difference from chance"));
}

TEST(ReportHtml, OneSeedHasNoInterval) {
  StudyResults results = MadeUpResults();
  for (StudyArm& arm : results.arms) {
    arm.estimate = EstimateMean({1.5});
    if (arm.difference) arm.difference = ComparePaired({1.5}, {1.4});
    arm.documents.reset();
  }
  const std::string page = BodyOf(ReportHtml(results));
  EXPECT_THAT(page, HasSubstr("one seed: no interval"));
  EXPECT_THAT(page, HasSubstr("one pair: no interval"));
  EXPECT_THAT(page, HasSubstr("stroke-dasharray"));  // in the forest plot
  EXPECT_THAT(page, Not(HasSubstr("Over documents")));
  for (const char* wrong : {"inf", "nan%", "NaN"})
    EXPECT_THAT(Between(page, "<div class=forest>", "</section>"),
                Not(HasSubstr(wrong)));
}

TEST(ReportHtml, ForestPlotPlacesIntervalsOnOneAxis) {
  StudyResults results = MadeUpResults();
  results.interactions.clear();
  results.margin = 0.5;
  results.arms[1].difference = Difference{5, -1, 1, {-2, 0}, 0.01};
  results.arms[2].difference = Difference{5, 1, 1, {0, 2}, 0.01};
  // From -2 to 2, and 6 % of that on both sides: -2.24 to 2.24.
  const std::string plot =
      Between(ReportHtml(results), "<div class=forest>", "</section>");
  EXPECT_THAT(plot, HasSubstr("<line class=zero x1=\"50.00%\" x2=\"50.00%\""));
  EXPECT_THAT(plot, HasSubstr("<line class=interval x1=\"5.36%\" "
                              "x2=\"50.00%\""));
  EXPECT_THAT(plot, HasSubstr("<circle class=point cx=\"72.32%\""));
  EXPECT_THAT(plot, HasSubstr("<rect class=margin x=\"38.84%\" y=\"0\" "
                              "width=\"22.32%\""));
  EXPECT_THAT(plot, HasSubstr("\u2190 better"));
  results.smaller_is_better = false;
  EXPECT_THAT(ReportHtml(results), HasSubstr("\u2190 worse"));
}

TEST(ReportHtml, CardsShowDifferencesRunsRoutersAndSample) {
  const std::string page = BodyOf(ReportHtml(MadeUpResults()));
  const std::string cards = Between(page, "<h2 id=arms>", "<h2 id=done>");
  EXPECT_EQ(Count(cards, "<details class=card>"), 4);
  for (const char* text :
       {"model.decoder_only.stack.position", "[position/rope] { base: 10000 }",
        "runs/1-3", "archlab train position.textproto --run runs/1-3",
        "verdict failed\">failed", "decoder.1.feed_forward.router",
        ">dropped share<", "In the beginning", "decoder_only { width: 128 }",
        "Resolved spec", "Last gradient norm"})
    EXPECT_THAT(cards, HasSubstr(text));
}

TEST(ReportHtml, HostileTextStaysText) {
  StudyResults results = MadeUpResults();
  // Everywhere a text can be.
  results.name = results.question = results.verdict = kHostile;
  results.metric = results.unit = results.matched = kHostile;
  results.warnings = {kHostile};
  results.interactions[0].name = kHostile;
  results.arms[1].differences = {{kHostile, kHostile, kHostile, kHostile}};
  results.arms[1].overrides = {kHostile};
  results.arms[1].resolved = kHostile;
  results.arms[3].apart = kHostile;
  for (StudyRun& run : results.runs) {
    run.folder = run.command = run.warning = kHostile;
    run.series[0].name = absl::StrCat(kHostile, "router.", kHostile);
  }
  const std::string page = ReportHtml(results);
  EXPECT_EQ(FindInvalidUtf8(page), -1);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(BodyOf(page), Not(HasSubstr("<!--")));
  EXPECT_EQ(Count(page, "<script"), 3);  // data, dygraphs, ours
  EXPECT_EQ(Count(page, "</script>"), 3);
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;img src=x "
                              "onerror=&quot;alert(&#39;1&#39;)&quot;&gt;"));
  const Json data = DataOf(page);
  ASSERT_TRUE(data.is_object());
  EXPECT_THAT(data["arms"][2]["name"].get<std::string>(),
              HasSubstr("</script><img"));
}

TEST(ReportHtml, AsksNothingOfANetwork) {
  const std::string page = ReportHtml(MadeUpResults());
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy content=\"default-src "
                              "'none'"));
  EXPECT_THAT(page, Not(HasSubstr("sourceMappingURL")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  for (const char* quote : {"", "\"", "'"})
    for (const char* load : {"src=", "href=", "url("})
      for (const char* scheme : {"http:", "https:", "//"})
        EXPECT_THAT(page, Not(HasSubstr(absl::StrCat(load, quote, scheme))));
}

TEST(ReportHtml, CurvesAreMeansOverFinishedSeedsWithTheirRange) {
  StudyResults results = MadeUpResults(10);
  results.runs[0].series = {{"loss", {1, 2, 3}, {4, 3, 2}}};
  results.runs[1].series = {{"loss", {1, 2, 3}, {6, 5, 1}}};
  for (int i = 2; i < 5; ++i) results.runs[i].done = false;
  const Json baseline = DataOf(ReportHtml(results))["arms"][0];
  EXPECT_EQ(baseline["runs"], 2);
  const Json loss = baseline["series"]["loss"];
  EXPECT_EQ(loss["x"], Json({1, 2, 3}));
  EXPECT_EQ(loss["y"], Json({5, 4, 1.5}));
  EXPECT_EQ(loss["low"], Json({4, 3, 1}));
  EXPECT_EQ(loss["high"], Json({6, 5, 2}));
  EXPECT_EQ(baseline["per_step"]["tokens"], 4096);
  EXPECT_EQ(baseline["per_step"]["flops"], 2.5e9);
  EXPECT_EQ(baseline["per_step"]["seconds"], 0.25);  // 2 s and 3 s, 10 steps
}

TEST(ReportHtml, CurvesLeaveOutWhatIsNotFinite) {
  StudyResults results = MadeUpResults(10);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 5; ++i)
    results.runs[i].series = {{"loss", {1, 2, 3, nan}, {4, nan, 2, 7}}};
  const Json loss = DataOf(ReportHtml(results))["arms"][0]["series"]["loss"];
  EXPECT_EQ(loss["x"], Json({1, 3}));
  EXPECT_EQ(loss["y"], Json({4, 2}));
}

TEST(ReportHtml, ShowsLossByPositionOfTrainedAndLongerContexts) {
  const Json positions =
      DataOf(ReportHtml(MadeUpResults(10)))["arms"][1]["positions"];
  ASSERT_EQ(positions.size(), 2);
  EXPECT_EQ(positions[0]["tokens"], 256);
  EXPECT_EQ(positions[0]["trained"], true);
  EXPECT_EQ(positions[0]["x"].size(), 256);
  EXPECT_EQ(positions[0]["x"][255], 255);
  EXPECT_EQ(positions[0]["y"][0], 3.44);  // 1.5 - 0.06 + 2
  EXPECT_EQ(positions[1]["tokens"], 512);
  EXPECT_EQ(positions[1]["trained"], false);
  EXPECT_LE(positions[1]["x"].size(), 400);
}

TEST(ReportHtml, LongRunsMakeNoLargePage) {
  const std::string page = ReportHtml(MadeUpResults(20000));
  EXPECT_LT(page.size(), 1000000);
  const Json data = DataOf(page);
  EXPECT_EQ(data["arms"][0]["series"]["loss"]["x"].size(), 400);
}

TEST(ReportHtml, NothingKnownIsNoError) {
  const std::string page = ReportHtml({});
  EXPECT_THAT(page, HasSubstr("<h1>A study</h1>"));
  EXPECT_TRUE(DataOf(page)["arms"].empty());
}

TEST(ReportMarkdown, HasTheEssentials) {
  const std::string text = ReportMarkdown(MadeUpResults());
  for (const char* part :
       {"# Do rotary positions learn faster than learned ones?\n\n",
        "**Yes: rope is better than the baseline by 0.06 nats a token.**",
        "- All runs used two threads of a shared machine.\n", "| rope | ",
        "| better |", "| Training FLOPs (matched) |", "| masked | ",
        "its loss is of masked words", "- machine: x86-64, 2 cores\n",
        "\narchlab study position.textproto\n"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_EQ(FindInvalidUtf8(text), -1);
  // Text that is hostile to a page can only stand in a block of code.
  EXPECT_THAT(Between(text, "# ", "```"), Not(HasSubstr("<img")));
  // Each line of a table has as many cells as its head.
  int cells = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() || line[0] != '|') {
      cells = 0;
      continue;
    }
    const int here = Count(line, "|") - Count(line, "\\|");
    EXPECT_TRUE(cells == 0 || here == cells) << line;
    cells = here;
  }
}

TEST(ResultsCsv, HasALineARun) {
  StudyResults results = MadeUpResults(10);
  results.runs[0].value = 0.1 + 0.2;
  results.runs[0].validation_loss = 2;
  results.runs[0].bits_per_byte = std::nullopt;
  results.runs[0].accuracy = std::nullopt;
  const std::vector<std::string> lines =
      absl::StrSplit(ResultsCsv(results), '\n');
  ASSERT_EQ(lines.size(), 22);
  EXPECT_EQ(lines[0],
            "arm,seed,state,metric,value,validation_loss,bits_per_byte,"
            "accuracy,steps,tokens,flops");
  EXPECT_EQ(lines[1],
            "baseline,1,done,validation loss,0.30000000000000004,2.0,,,10,"
            "40960,25000000000.0");
  EXPECT_EQ(lines[15],
            "\"</script><img src=x onerror=\"\"alert('1')\"\"> | `a` \ufffd "
            "&amp; \"\"q\"\",\",5,failed,validation loss,,,,,10,40960,"
            "25000000000.0");
}

TEST(ResultsJsonl, HasALineARun) {
  StudyResults results = MadeUpResults(10);
  results.runs[0].value = 0.1 + 0.2;
  results.runs[0].accuracy = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::string> lines =
      absl::StrSplit(ResultsJsonl(results), '\n');
  ASSERT_EQ(lines.size(), 21);
  const Json first = Json::parse(lines[0], nullptr, false);
  EXPECT_EQ(first["arm"], "baseline");
  EXPECT_EQ(first["seed"], 1);
  EXPECT_EQ(first["value"], 0.1 + 0.2);
  EXPECT_EQ(first["accuracy"], nullptr);
  EXPECT_EQ(first["tokens"], 40960);
  EXPECT_EQ(Json::parse(lines[14], nullptr, false)["state"], "failed");
}

TEST(Results, DependOnTheTrainingsAlone) {
  const StudyResults results = MadeUpResults(10);
  StudyResults again = results;
  for (StudyRun& run : again.runs) {
    run.seconds *= 2;
    run.folder = "elsewhere";
    run.command = run.warning = "another";
    run.series.clear();
  }
  again.facts = {{"date", "today"}};
  EXPECT_EQ(ResultsCsv(again), ResultsCsv(results));
  EXPECT_EQ(ResultsJsonl(again), ResultsJsonl(results));
  again.runs[3].value = 9;
  EXPECT_NE(ResultsCsv(again), ResultsCsv(results));
}

TEST(TimingsJsonl, HasSecondsAndSpeed) {
  StudyResults results = MadeUpResults(10);
  results.runs[0].seconds = 4;
  results.runs[1].seconds = 0;
  const std::vector<std::string> lines =
      absl::StrSplit(TimingsJsonl(results), '\n');
  ASSERT_EQ(lines.size(), 21);
  EXPECT_EQ(lines[0], R"({"arm":"baseline","seed":1,"seconds":4.0,)"
                      R"("tokens_per_second":10240.0})");
  EXPECT_EQ(lines[1], R"({"arm":"baseline","seed":2,"seconds":null,)"
                      R"("tokens_per_second":null})");
}

class WriteReportTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + "archlab_report_test";
};

TEST_F(WriteReportTest, ReplacesItsFiles) {
  const StudyResults results = MadeUpResults(10);
  ASSERT_TRUE(WriteReport({}, folder_ + "/a/b").ok());
  ASSERT_TRUE(WriteReport(results, folder_ + "/a/b").ok());
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_ + "/a/b"))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_THAT(names,
              ElementsAre("arms.jsonl", "report.html", "report.md",
                          "results.csv", "results.jsonl", "timings.jsonl"));
  EXPECT_EQ(ReadFile(folder_ + "/a/b/report.html").value(),
            ReportHtml(results));
  EXPECT_EQ(ReadFile(folder_ + "/a/b/results.csv").value(),
            ResultsCsv(results));
}

TEST_F(WriteReportTest, NamesTheFolderThatCannotBeMade) {
  ASSERT_TRUE(WriteReport({}, folder_).ok());
  const std::string place = folder_ + "/report.md/below";
  const absl::Status status = WriteReport({}, place);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("report.md"));
}

}  // namespace
}  // namespace archlab
