// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/beam_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "archlab/status.h"
#include "generation/reader.h"

namespace archlab {
namespace {

// A beam, or one token more than a beam.
struct Candidate {
  int32_t beam = 0;
  int32_t token = 0;
  double log_probability = 0;
};

bool Better(const Candidate& a, const Candidate& b) {
  if (a.log_probability != b.log_probability)
    return a.log_probability > b.log_probability;
  return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
}

class Search {
 public:
  Search(Model& model, const PromptIds& prompt, const BeamOptions& options)
      : options_(options),
        end_id_(prompt.end_id),
        start_(model.HasEncoder() ? prompt.decoder_ids : prompt.ids),
        reader_(model, {prompt}, options.cached) {}

  absl::StatusOr<std::vector<Hypothesis>> Run() {
    rows_ = {start_};
    scores_ = {0};
    for (int64_t n = 0; n < options_.max_tokens && !rows_.empty(); ++n) {
      ARCHLAB_ASSIGN_OR_RETURN(const Tensor logits, reader_.Read(rows_));
      Advance(Expand(logits));
      KeepBest(&done_);
      if (Settled()) return std::move(done_);
    }
    // The length penalty would favour a text that was cut over one that ended.
    std::vector<Hypothesis> open;
    for (size_t i = 0; i < rows_.size(); ++i)
      open.push_back(Made(rows_[i], scores_[i], false));
    KeepBest(&open);
    done_.insert(done_.end(), open.begin(), open.end());
    if (done_.size() > beams()) done_.resize(beams());
    return std::move(done_);
  }

 private:
  // The best 2 * beams single-token continuations: enough for `beams` that do
  // not end.
  std::vector<Candidate> Expand(const Tensor& logits) const {  // [B, V]
    const int64_t vocabulary = logits.dim(1);
    std::vector<Candidate> all;
    for (size_t b = 0; b < rows_.size(); ++b) {
      const double* row = logits.data<double>() + b * vocabulary;
      const double top = *std::max_element(row, row + vocabulary);
      double total = 0;
      for (int64_t v = 0; v < vocabulary; ++v) total += std::exp(row[v] - top);
      const double shift = scores_[b] - top - std::log(total);
      for (int64_t v = 0; v < vocabulary; ++v)
        all.push_back(
            {static_cast<int32_t>(b), static_cast<int32_t>(v), row[v] + shift});
    }
    const size_t keep = std::min<size_t>(all.size(), 2 * options_.beams);
    std::partial_sort(all.begin(), all.begin() + keep, all.end(), Better);
    all.resize(keep);
    return all;
  }

  void Advance(const std::vector<Candidate>& candidates) {
    TokenRows rows;
    std::vector<double> scores;
    std::vector<int32_t> from;
    size_t rank = 0;
    for (const Candidate& each : candidates) {
      if (rows.size() == beams()) break;
      // An end counts only where a beam would have been kept.
      if (each.token == end_id_) {
        if (rank < beams())
          done_.push_back(Made(rows_[each.beam], each.log_probability, true));
      } else {
        rows.push_back(rows_[each.beam]);
        rows.back().push_back(each.token);
        scores.push_back(each.log_probability);
        from.push_back(each.beam);
      }
      ++rank;
    }
    reader_.Gather(from);
    rows_ = std::move(rows);
    scores_ = std::move(scores);
  }

  double Penalized(double log_probability, size_t length) const {
    return log_probability / std::pow((5.0 + static_cast<double>(length)) / 6.0,
                                      options_.length_penalty);
  }

  Hypothesis Made(const std::vector<int32_t>& row, double log_probability,
                  bool ended) const {
    Hypothesis made;
    made.ids.assign(row.begin() + start_.size(), row.end());
    made.score = Penalized(log_probability, made.ids.size() + (ended ? 1 : 0));
    made.ended = ended;
    return made;
  }

  // Best first, at most as many as there are beams.
  void KeepBest(std::vector<Hypothesis>* all) const {
    std::stable_sort(
        all->begin(), all->end(),
        [](const auto& a, const auto& b) { return a.score > b.score; });
    if (all->size() > beams()) all->resize(beams());
  }

  // As many ended as there are beams, and no open one can still beat the worst
  // of them. One beam is greedy decoding: the first end is the end.
  bool Settled() const {
    if (done_.size() < beams()) return false;
    if (beams() == 1) return true;
    for (const double score : scores_)
      if (Penalized(score, options_.max_tokens) > done_.back().score)
        return false;
    return true;
  }

  size_t beams() const { return static_cast<size_t>(options_.beams); }

  const BeamOptions options_;
  const int32_t end_id_;
  const std::vector<int32_t> start_;
  Reader reader_;
  TokenRows rows_;
  std::vector<double> scores_;  // log probabilities
  std::vector<Hypothesis> done_;
};

}  // namespace

absl::StatusOr<std::vector<Hypothesis>> BeamSearch(Model& model,
                                                   const PromptIds& prompt,
                                                   const BeamOptions& options) {
  return Search(model, prompt, options).Run();
}

}  // namespace archlab
