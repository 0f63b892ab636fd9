// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Linear attention: y_i = phi(q_i) S_i / phi(q_i) z_i with S_i the sum of
// phi(k_j) v_j^T and z_i that of phi(k_j) over the keys that query i sees.
// Source: arXiv:2006.16236, section 3 (causal: equations 16 to 20).
//
// Values carry a last channel of ones, so that S and z are one sum. A causal
// pass goes chunk by chunk: pairs within a chunk, and the sum of what came
// before it, which is all that decoding keeps.

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/mixer.h"
#include "linear.pb.h"

namespace archlab {
namespace {

constexpr double kEpsilon = 1e-6;    // of the denominator
constexpr int32_t kNoDocument = -2;  // before the first real token

// phi of queries and keys, and values with their ones.
struct Features {
  Tensor q, k, v;  // [B, H, T, D], [B, H, T, D], [B, H, T, D + 1]
};

// i32 [B, 1, T, 1]: 1 where segments [B, T] is document[b].
Tensor InDocument(const Tensor& segments,
                  const std::vector<int32_t>& document) {
  const int64_t batch = segments.dim(0), tokens = segments.dim(1);
  Tensor mask = Tensor::Empty({batch, 1, tokens, 1}, DType::kI32);
  for (int64_t i = 0; i < segments.size(); ++i)
    mask.data<int32_t>()[i] =
        segments.data<int32_t>()[i] == document[i / tokens];
  return mask;
}

// i32 [B, 1, T, T], or [T, T] without segments: which keys a query sees.
Tensor PairMask(const Tensor& segments, int64_t tokens, bool causal) {
  const int64_t rows = segments.defined() ? segments.dim(0) : 1;
  Tensor mask = Tensor::Zeros({rows, 1, tokens, tokens}, DType::kI32);
  for (int64_t b = 0; b < rows; ++b)
    for (int64_t i = 0; i < tokens; ++i)
      for (int64_t j = 0; j < (causal ? i + 1 : tokens); ++j) {
        const int32_t* s = segments.defined()
                               ? segments.data<int32_t>() + b * tokens
                               : nullptr;
        mask.data<int32_t>()[(b * tokens + i) * tokens + j] =
            s == nullptr || (s[i] >= 0 && s[i] == s[j]);
      }
  return mask;
}

// Whether some row holds several documents.
bool Packed(const Tensor& segments) {
  for (int64_t b = 0; b < segments.dim(0); ++b) {
    const int32_t* row = segments.data<int32_t>() + b * segments.dim(1);
    int32_t document = -1;
    for (int64_t t = 0; t < segments.dim(1); ++t) {
      if (row[t] < 0) continue;
      if (document >= 0 && row[t] != document) return true;
      document = row[t];
    }
  }
  return false;
}

// phi(q) phi(k)^T v over the pairs of the mask: [B, H, T, D + 1].
Tensor Quadratic(const Features& f, const Tensor& mask) {
  return MatMul(MaskFill(MatMul(f.q, f.k, false, true), mask, 0), f.v);
}

class LinearState final : public MixerState {
 public:
  LinearState(Tensor sums, std::vector<int32_t> document)
      : sums(std::move(sums)), document(std::move(document)) {}

  int64_t bytes() const override { return sums.bytes(); }
  std::unique_ptr<MixerState> Gather(
      absl::Span<const int32_t> rows) const override {
    std::vector<Tensor> picked;
    std::vector<int32_t> documents;
    for (const int32_t row : rows) {
      picked.push_back(Slice(sums, 0, row, 1));
      documents.push_back(document[row]);
    }
    return std::make_unique<LinearState>(Concat(picked, 0), documents);
  }

  // Moves on over keys of tokens that `segments` (i32 [B, T] or undefined)
  // tells the documents of: keeps the sums of the last document only.
  void Add(const Features& f, const Tensor& segments) {
    Tensor k = f.k;
    if (segments.defined()) {
      const int64_t batch = segments.dim(0), tokens = segments.dim(1);
      Tensor same = Tensor::Full({batch, 1, 1, 1}, DType::kI32, 1);
      for (int64_t i = 0; i < segments.size(); ++i) {
        const int32_t segment = segments.data<int32_t>()[i];
        if (segment < 0 || segment == document[i / tokens]) continue;
        document[i / tokens] = segment;
        same.data<int32_t>()[i / tokens] = 0;
      }
      k = MaskFill(k, InDocument(segments, document), 0);
      sums = MaskFill(sums, same, 0);
    }
    sums = sums + MatMul(k, f.v, true, false);
  }

  Tensor sums;                    // [B, H, D, D + 1]
  std::vector<int32_t> document;  // [B]: that the sums are of
};

}  // namespace

class LinearMixer final : public Mixer {
 public:
  using Config = mixer::LinearConfig;

  static absl::StatusOr<std::unique_ptr<LinearMixer>> Create(
      const Config& config, const BuildContext& context) {
    if (context.at().width % config.heads() != 0)
      return FieldError(
          {Config::kHeadsFieldNumber},
          absl::StrCat("must divide the model width, ", context.at().width,
                       ", but is ", config.heads()));
    return std::make_unique<LinearMixer>(config, context);
  }

  LinearMixer(const Config& config, const BuildContext& context)
      : width_(context.at().width),
        heads_(config.heads()),
        head_dim_(width_ / heads_),
        chunk_(config.chunk()),
        causal_(context.at().causal),
        sums_dtype_(context.at().dtype == DType::kF64 ? DType::kF64
                                                      : DType::kF32) {
    const Init inner = Init::Normal(context.at().init_std);
    q_ = context.AddParameter("q.weight", {width_, width_}, inner);
    k_ = context.AddParameter("k.weight", {width_, width_}, inner);
    v_ = context.AddParameter("v.weight", {width_, width_}, inner);
    out_ = context.AddParameter("out.weight", {width_, width_},
                                Init::Normal(context.at().residual_init_std));
  }

  Tensor Forward(const MixerInput& input, ForwardContext&) const override {
    const Tensor& x = input.x();
    Features f = {Elu(Heads(q_, x)) + 1.0, Elu(Heads(k_, x)) + 1.0,
                  Heads(v_, x)};
    f.v = Concat(
        {f.v, Tensor::Full({x.dim(0), heads_, x.dim(1), 1}, sums_dtype_, 1)},
        3);  // [B, H, T, D + 1]
    const Tensor y = causal_
                         ? Causal(f, input.segments(),
                                  static_cast<LinearState*>(input.state()))
                         : BothWays(f, input.segments());  // [B, H, T, D + 1]
    const Tensor mixed =
        Slice(y, 3, 0, head_dim_) / (Slice(y, 3, head_dim_, 1) + kEpsilon);
    return Linear(Reshape(Permute(mixed, {0, 2, 1, 3}), x.shape()),
                  out_.value(), Tensor());  // [B, T, C]
  }

  std::unique_ptr<MixerState> NewState(int64_t batch) const override {
    return std::make_unique<LinearState>(
        Tensor::Zeros({batch, heads_, head_dim_, head_dim_ + 1}, sums_dtype_),
        std::vector<int32_t>(batch, kNoDocument));
  }

  double Flops(int64_t tokens) const override {
    const double projections = 2.0 * 4 * width_ * width_;
    const double sums = 2.0 * 2 * width_ * (head_dim_ + 1);
    const double pairs =
        causal_ ? 2.0 * std::min(chunk_, tokens) * (2 * width_ + heads_) : 0;
    return tokens * (projections + sums + pairs);
  }
  int64_t StateBytes(int64_t) const override {
    return width_ * (head_dim_ + 1) * DTypeBytes(sums_dtype_);
  }

 private:
  // [B, T, C] -> [B, H, T, D] in the sums' dtype.
  Tensor Heads(const Parameter& weight, const Tensor& x) const {
    const Tensor y = Reshape(Linear(x, weight.value(), Tensor()),
                             {x.dim(0), x.dim(1), heads_, head_dim_});
    return Cast(Permute(y, {0, 2, 1, 3}), sums_dtype_);
  }

  // `state` may be null; else it is brought up to date.
  Tensor Causal(const Features& f, const Tensor& segments,
                LinearState* state) const {
    const std::unique_ptr<MixerState> fresh = NewState(f.q.dim(0));
    LinearState& sums =
        state != nullptr ? *state : static_cast<LinearState&>(*fresh);
    std::vector<Tensor> parts;
    for (int64_t t = 0; t < f.q.dim(2); t += chunk_) {
      const int64_t count = std::min(chunk_, f.q.dim(2) - t);
      const Features part = {Slice(f.q, 2, t, count), Slice(f.k, 2, t, count),
                             Slice(f.v, 2, t, count)};
      const Tensor documents =
          segments.defined() ? Slice(segments, 1, t, count) : Tensor();
      Tensor y = Quadratic(part, PairMask(documents, count, true));
      if (t > 0 || state != nullptr) {
        Tensor q = part.q;
        if (documents.defined())
          q = MaskFill(q, InDocument(documents, sums.document), 0);
        y = y + MatMul(q, sums.sums);  // [B, H, chunk, D + 1]
      }
      parts.push_back(y);
      if (t + count < f.q.dim(2) || state != nullptr) sums.Add(part, documents);
    }
    return Concat(parts, 2);
  }

  static Tensor BothWays(const Features& f, const Tensor& segments) {
    if (segments.defined() && Packed(segments))
      return Quadratic(f, PairMask(segments, f.q.dim(2), false));
    Tensor k = f.k;
    if (segments.defined()) {
      Tensor real =
          Tensor::Empty({segments.dim(0), 1, segments.dim(1), 1}, DType::kI32);
      for (int64_t i = 0; i < segments.size(); ++i)
        real.data<int32_t>()[i] = segments.data<int32_t>()[i] >= 0;
      k = MaskFill(k, real, 0);
    }
    return MatMul(f.q, MatMul(k, f.v, true, false));
  }

  const int64_t width_, heads_, head_dim_, chunk_;
  const bool causal_;
  const DType sums_dtype_;
  Parameter q_, k_, v_, out_;  // [C, C]
};

ARCHLAB_PLUGIN(LinearMixer)

}  // namespace archlab
