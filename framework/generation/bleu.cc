// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "archlab/check.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

constexpr int kOrder = 4;

// Signs that always stand alone: ASCII punctuation but ' , - . and digits'.
bool StandsAlone(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') ||
         (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

bool IsStop(char c) { return c == '.' || c == ','; }
bool IsDigit(char c) { return absl::ascii_isdigit(c); }
bool NoDigit(char c) { return !IsDigit(c); }

// From left to right, puts a space between the two signs of each pair that
// fits, `before` and `after` round it; the next pair begins after it.
template <class First, class Second>
std::string CutApart(absl::string_view text, First first, Second second,
                     absl::string_view before, absl::string_view after) {
  std::string result;
  size_t i = 0;
  for (; i + 1 < text.size(); ++i)
    if (first(text[i]) && second(text[i + 1])) {
      absl::StrAppend(&result, before, text.substr(i, 1), " ",
                      text.substr(i + 1, 1), after);
      ++i;
    } else {
      result += text[i];
    }
  return absl::StrCat(result, text.substr(std::min(i, text.size())));
}

// Whether Python's str.split cuts here.
bool IsSpace(char32_t c) {
  return (c >= 0x9 && c <= 0xD) || (c >= 0x1C && c <= 0x20) || c == 0x85 ||
         c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

std::vector<std::string> SplitAtSpaces(absl::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i < text.size();) {
    const CodePoint next = DecodeCodePoint(text, i);
    if (next.state != CodePoint::kValid || !IsSpace(next.value)) {
      absl::StrAppend(&word, text.substr(i, next.bytes));
    } else if (!word.empty()) {
      words.push_back(word);
      word.clear();
    }
    i += next.bytes;
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

using Counts = std::map<std::vector<std::string>, int64_t>;

Counts CountGrams(const std::vector<std::string>& tokens, int n) {
  Counts counts;
  for (size_t i = 0; i + n <= tokens.size(); ++i)
    ++counts[{tokens.begin() + i, tokens.begin() + i + n}];
  return counts;
}

// What the corpus adds up.
struct Sums {
  int64_t matched[kOrder] = {}, total[kOrder] = {};
  int64_t hypothesis = 0, reference = 0;
  bool defined = false;
};

void AddPair(const std::vector<std::string>& hypothesis,
             const std::vector<std::vector<std::string>>& references,
             Sums* sums) {
  const auto length = static_cast<int64_t>(hypothesis.size());
  int64_t nearest = -1;
  for (const auto& reference : references) {
    const auto other = static_cast<int64_t>(reference.size());
    sums->defined |= other >= kOrder;
    const int64_t distance = std::abs(other - length);
    const int64_t best = std::abs(nearest - length);
    if (nearest < 0 || distance < best || (distance == best && other < nearest))
      nearest = other;
  }
  sums->hypothesis += length;
  sums->reference += std::max<int64_t>(nearest, 0);
  for (int n = 1; n <= kOrder; ++n) {
    Counts most;
    for (const auto& reference : references)
      for (const auto& [gram, count] : CountGrams(reference, n))
        most[gram] = std::max(most[gram], count);
    for (const auto& [gram, count] : CountGrams(hypothesis, n)) {
      sums->total[n - 1] += count;
      const auto found = most.find(gram);
      if (found != most.end())
        sums->matched[n - 1] += std::min(count, found->second);
    }
  }
}

Bleu Score(const Sums& sums) {
  Bleu bleu;
  bleu.hypothesis_tokens = sums.hypothesis;
  bleu.reference_tokens = sums.reference;
  bleu.defined = sums.defined;
  if (sums.hypothesis == 0) {
    bleu.brevity_penalty = 0;
    return bleu;
  }
  if (sums.hypothesis < sums.reference)
    bleu.brevity_penalty =
        std::exp(1 - static_cast<double>(sums.reference) / sums.hypothesis);
  double smoothing = 1, logs = 0;
  int orders = 0;
  for (int n = 0; n < kOrder && sums.total[n] > 0; ++n, ++orders) {
    if (sums.matched[n] == 0) {
      smoothing *= 2;
      bleu.precisions[n] = 100 / (smoothing * sums.total[n]);
    } else {
      bleu.precisions[n] = 100.0 * sums.matched[n] / sums.total[n];
    }
    logs += std::log(bleu.precisions[n]);
  }
  if (orders < kOrder || sums.matched[0] == 0) return bleu;
  bleu.score = bleu.brevity_penalty * std::exp(logs / kOrder);
  return bleu;
}

}  // namespace

std::vector<std::string> Tokenize13a(absl::string_view text) {
  std::string line(text);
  // One after the other, as mteval-v13a has them: "&amp;lt;" becomes "<".
  for (const auto& [from, to] :
       std::vector<std::pair<absl::string_view, absl::string_view>>{
           {"<skipped>", ""},
           {"-\n", ""},
           {"\n", " "},
           {"&quot;", "\""},
           {"&amp;", "&"},
           {"&lt;", "<"},
           {"&gt;", ">"}})
    line = absl::StrReplaceAll(line, {{from, to}});
  line = absl::StrCat(" ", line, " ");
  std::string spaced;
  for (const char c : line) {
    if (StandsAlone(c))
      absl::StrAppend(&spaced, " ", std::string(1, c), " ");
    else
      spaced += c;
  }
  // A stop is a token of its own unless digits stand on both sides of it, and
  // a dash after a digit. Three passes over pairs, as mteval has them.
  spaced = CutApart(spaced, NoDigit, IsStop, "", " ");
  spaced = CutApart(spaced, IsStop, NoDigit, " ", "");
  spaced = CutApart(
      spaced, IsDigit, [](char c) { return c == '-'; }, "", " ");
  return SplitAtSpaces(spaced);
}

Bleu CorpusBleu(const std::vector<std::string>& hypotheses,
                const std::vector<std::vector<std::string>>& references) {
  ARCHLAB_CHECK_EQ(hypotheses.size(), references.size());
  Sums sums;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::vector<std::string>> tokens;
    for (const std::string& reference : references[i])
      tokens.push_back(Tokenize13a(reference));
    AddPair(Tokenize13a(hypotheses[i]), tokens, &sums);
  }
  return Score(sums);
}

}  // namespace archlab
