// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/initial_weights.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/suggest.h"
#include "training/adapt.h"
#include "training/open_run.h"

namespace archlab {
namespace {

// Whether the spec wants this parameter of the other run.
bool Wanted(const spec::InitialWeights& initial, const std::string& path) {
  if (initial.parameter_size() == 0) return true;
  for (const std::string& pattern : initial.parameter())
    if (PathMatches(pattern, path)) return true;
  return false;
}

// The path in this model; empty: the prefix is another.
std::string Renamed(const spec::InitialWeights& initial,
                    const std::string& path) {
  const spec::Rename& rename = initial.rename();
  if (!initial.has_rename()) return path;
  if (!absl::StartsWith(path, rename.from())) return path;
  return absl::StrCat(rename.to(), path.substr(rename.from().size()));
}

// A name that fits nothing is a slip of the pen.
absl::Status CheckNames(const spec::InitialWeights& initial,
                        const ParameterStore& from, const ParameterStore& to) {
  std::vector<std::string> paths, here;
  for (const auto& each : from.parameters()) paths.push_back(each->path);
  for (const auto& each : to.parameters()) here.push_back(each->path);
  const auto any = [](const std::vector<std::string>& all, const auto& fits) {
    return std::any_of(all.begin(), all.end(), fits);
  };
  for (const std::string& pattern : initial.parameter())
    if (!any(paths, [&](const std::string& path) {
          return PathMatches(pattern, path);
        }))
      return absl::InvalidArgumentError(
          absl::StrCat("parameter '", pattern, "' fits no parameter there.",
                       DidYouMean(pattern, paths)));
  if (!initial.has_rename()) return absl::OkStatus();
  const auto begins = [](const std::string& prefix) {
    return [&prefix](const std::string& path) {
      return absl::StartsWith(path, prefix);
    };
  };
  if (!any(paths, begins(initial.rename().from())))
    return absl::InvalidArgumentError(absl::StrCat(
        "no parameter there begins with '", initial.rename().from(),
        "', which rename.from says; the first is '",
        paths.empty() ? "" : paths[0], "'"));
  if (!any(here, begins(initial.rename().to())))
    return absl::InvalidArgumentError(absl::StrCat(
        "no parameter of this model begins with '", initial.rename().to(),
        "', which rename.to says; the first is '", here.empty() ? "" : here[0],
        "'"));
  return absl::OkStatus();
}

absl::Status WrongShape(const ParameterData& from, const ParameterData& to) {
  const bool other_rows = from.shape.rank() == 2 && to.shape.rank() == 2 &&
                          from.shape[1] == to.shape[1];
  return absl::InvalidArgumentError(
      absl::StrCat("'", from.path, "' is ", from.shape.ToString(),
                   " there, but ", to.shape.ToString(), " here",
                   other_rows && absl::EndsWith(from.path, "embedding.weight")
                       ? "; both specs must name the same data.special_token"
                       : "; name the parameters to take with `parameter`"));
}

// Rows of an embedding mean what their names say.
absl::Status SameTokens(const Vocabulary& from, const Vocabulary& to) {
  for (size_t i = 0; i < from.added().size() && i < to.added().size(); ++i)
    if (from.added()[i] != to.added()[i])
      return absl::InvalidArgumentError(absl::StrCat(
          "the embedding's row ", from.ordinary() + i, " is '", from.added()[i],
          "' there, but '", to.added()[i],
          "' here; both specs must name the same data.special_token"));
  return absl::OkStatus();
}

// Rows of an embedding, or of a head of its own, are a tokenizer's.
bool HasTokenRows(const std::string& path) {
  return absl::EndsWith(path, "embedding.weight") || path == "head.weight" ||
         path == "head.bias";
}

absl::StatusOr<bool> SameFiles(const Tokenizer* a, const Tokenizer* b) {
  if (a == nullptr || b == nullptr) return a == b;
  ARCHLAB_ASSIGN_OR_RETURN(const TokenizerFiles first, a->Save());
  ARCHLAB_ASSIGN_OR_RETURN(const TokenizerFiles second, b->Save());
  return first == second;
}

absl::Status OtherTokenizer(const std::string& path) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", path,
      "' has a row for each token of another tokenizer than this run's, which "
      "is that of training.initial[0].run; leave it out: name the parameters "
      "to take with `parameter`"));
}

absl::Status TwoForOne(const std::string& first, const std::string& second,
                       const std::string& target) {
  return absl::InvalidArgumentError(absl::StrCat(
      "both '", first, "' and '", second, "' there would be '", target,
      "' here; name the parameters to take with `parameter`"));
}

// Low-rank changes of other parameters: they are merged into those.
std::set<const ParameterData*> Changes(const ParameterStore& store) {
  std::set<const ParameterData*> changes;
  for (const auto& parameter : store.parameters()) {
    changes.insert(parameter->lora_a);
    changes.insert(parameter->lora_b);
  }
  return changes;
}

// Copies what is asked for; -> how many parameters.
absl::StatusOr<int64_t> Copy(const spec::InitialWeights& initial,
                             const OpenedRun& run, const PreparedData& data,
                             ParameterStore& to) {
  const ParameterStore& from = run.model->parameters();
  ARCHLAB_RETURN_IF_ERROR(CheckNames(initial, from, to));
  ARCHLAB_ASSIGN_OR_RETURN(
      const bool same_tokens,
      SameFiles(run.tokenizer.get(), data.tokenizer.get()));
  const std::set<const ParameterData*> changes = Changes(from);
  std::map<const ParameterData*, std::string> taken;  // and from which
  for (const auto& parameter : from.parameters()) {
    if (!Wanted(initial, parameter->path) || changes.count(parameter.get()))
      continue;
    ParameterData* target = to.Find(Renamed(initial, parameter->path));
    if (target == nullptr) continue;
    if (!(target->shape == parameter->shape))
      return WrongShape(*parameter, *target);
    if (HasTokenRows(parameter->path) && run.tokenizer != nullptr) {
      if (!same_tokens) return OtherTokenizer(parameter->path);
      ARCHLAB_RETURN_IF_ERROR(SameTokens(run.vocabulary, data.vocabulary));
    }
    if (const auto other = taken.find(target); other != taken.end())
      return TwoForOne(other->second, parameter->path, target->path);
    const Tensor value = from.Merged(*parameter);
    std::memcpy(target->master.raw(), value.raw(),
                static_cast<size_t>(value.bytes()));
    taken[target] = parameter->path;
  }
  for (const auto& buffer : from.buffers())
    for (const auto& target : to.buffers()) {
      if (target.path != Renamed(initial, buffer.path) ||
          !Wanted(initial, buffer.path) ||
          !(target.value.shape() == buffer.value.shape()))
        continue;
      Tensor value = target.value;  // the same memory
      std::memcpy(value.raw(), buffer.value.raw(),
                  static_cast<size_t>(value.bytes()));
    }
  if (!taken.empty()) return static_cast<int64_t>(taken.size());
  return absl::InvalidArgumentError(
      absl::StrCat(initial.run(),
                   " and this model have no parameter in common that is asked "
                   "for"));
}

absl::Status LoadOne(const Spec& spec, const Catalogue& catalogue, int index,
                     const PreparedData& data, Model* model,
                     Progress* progress) {
  const spec::InitialWeights& initial =
      spec.experiment().training().initial(index);
  const std::string place = absl::StrCat("training.initial[", index, "]");
  if (const auto folder =
          RunFolder::OpenToRead(spec.ResolvePath(initial.run()));
      folder.ok()) {
    std::string warning;
    const auto step =
        ResolveCheckpoint(*folder, initial.checkpoint(), &warning);
    if (!step.ok()) return spec.Locate(place + ".checkpoint", step.status());
  }
  auto opened = OpenRun(spec.ResolvePath(initial.run()), initial.checkpoint(),
                        {}, catalogue);
  if (!opened.ok()) return spec.Locate(place + ".run", opened.status());
  if (!opened->warning.empty()) progress->Warn(opened->warning);
  ParameterStore& to = model->parameters();
  const absl::StatusOr<int64_t> taken = Copy(initial, *opened, data, to);
  if (!taken.ok()) return spec.Locate(place, taken.status());
  to.Refresh();
  progress->Say(absl::StrCat("took ", *taken, " of ", to.parameters().size(),
                             " parameters from ", opened->folder.path(),
                             ", step ", opened->step));
  return absl::OkStatus();
}

// The other run's tokenizer comes with its weights, so the spec must not name
// another kind.
absl::Status SameTokenizer(const Spec& spec, const spec::Data& other,
                           const std::string& run) {
  const std::string& own = spec.experiment().data().tokenizer().type_url();
  const std::string& others = other.tokenizer().type_url();
  if (own == others) return absl::OkStatus();
  return spec.Locate(
      "data.tokenizer",
      absl::InvalidArgumentError(absl::StrCat(
          "is [", own, "], but that of training.initial[0].run is [", others,
          "], which comes with its weights; copy data.tokenizer from ", run,
          "/spec.textproto")));
}

}  // namespace

absl::StatusOr<bool> ReadInitialTokenizer(const Spec& spec,
                                          const Catalogue& catalogue,
                                          StoredTokenizer* stored) {
  const spec::Experiment& experiment = spec.experiment();
  if (experiment.training().initial_size() == 0 ||
      !experiment.data().has_tokenizer())
    return false;
  const std::string run = experiment.training().initial(0).run();
  auto folder = RunFolder::OpenToRead(spec.ResolvePath(run));
  if (!folder.ok())
    return spec.Locate("training.initial[0].run", folder.status());
  const auto other = LoadRunSpec(*folder, {}, catalogue);
  if (!other.ok())
    return spec.Locate("training.initial[0].run", other.status());
  if (!other->experiment().data().has_tokenizer()) return false;  // images
  ARCHLAB_RETURN_IF_ERROR(
      SameTokenizer(spec, other->experiment().data(), folder->path()));
  ARCHLAB_ASSIGN_OR_RETURN(*stored, folder->ReadTokenizer());
  return true;
}

absl::Status LoadInitialWeights(const Spec& spec, const Catalogue& catalogue,
                                const PreparedData& data, Model* model,
                                Progress* progress) {
  for (int i = 0; i < spec.experiment().training().initial_size(); ++i)
    ARCHLAB_RETURN_IF_ERROR(LoadOne(spec, catalogue, i, data, model, progress));
  return absl::OkStatus();
}

}  // namespace archlab
