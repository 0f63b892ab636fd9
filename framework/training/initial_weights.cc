// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/initial_weights.h"

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"
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

// A prefix that no parameter of the other run has is a slip of the pen.
absl::Status CheckRename(const spec::InitialWeights& initial,
                         const ParameterStore& from) {
  if (!initial.has_rename()) return absl::OkStatus();
  std::vector<std::string> paths;
  for (const auto& parameter : from.parameters()) {
    if (absl::StartsWith(parameter->path, initial.rename().from()))
      return absl::OkStatus();
    paths.push_back(parameter->path);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no parameter there begins with '", initial.rename().from(), "', which ",
      "rename.from says; the first is '", paths.empty() ? "" : paths[0], "'"));
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
                             const OpenedRun& run, const Vocabulary& vocabulary,
                             ParameterStore& to) {
  const ParameterStore& from = run.model->parameters();
  ARCHLAB_RETURN_IF_ERROR(CheckRename(initial, from));
  const std::set<const ParameterData*> changes = Changes(from);
  int64_t taken = 0;
  for (const auto& parameter : from.parameters()) {
    if (!Wanted(initial, parameter->path) || changes.count(parameter.get()))
      continue;
    ParameterData* target = to.Find(Renamed(initial, parameter->path));
    if (target == nullptr) continue;
    if (!(target->shape == parameter->shape))
      return WrongShape(*parameter, *target);
    if (absl::EndsWith(parameter->path, "embedding.weight"))
      ARCHLAB_RETURN_IF_ERROR(SameTokens(run.vocabulary, vocabulary));
    const Tensor value = from.Merged(*parameter);
    std::memcpy(target->master.raw(), value.raw(),
                static_cast<size_t>(value.bytes()));
    ++taken;
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
  if (taken > 0) return taken;
  return absl::InvalidArgumentError(
      absl::StrCat(initial.run(),
                   " and this model have no parameter in common that is asked "
                   "for"));
}

absl::Status LoadOne(const Spec& spec, const Catalogue& catalogue, int index,
                     const Vocabulary& vocabulary, Model* model,
                     Progress* progress) {
  const spec::InitialWeights& initial =
      spec.experiment().training().initial(index);
  const std::string place = absl::StrCat("training.initial[", index, "]");
  auto opened = OpenRun(spec.ResolvePath(initial.run()), initial.checkpoint(),
                        {}, catalogue);
  if (!opened.ok()) return spec.Locate(place + ".run", opened.status());
  if (!opened->warning.empty()) progress->Warn(opened->warning);
  ParameterStore& to = model->parameters();
  const absl::StatusOr<int64_t> taken = Copy(initial, *opened, vocabulary, to);
  if (!taken.ok()) return spec.Locate(place, taken.status());
  to.Refresh();
  progress->Say(absl::StrCat("took ", *taken, " of ", to.parameters().size(),
                             " parameters from ", opened->folder.path(),
                             ", step ", opened->step));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> ReadInitialTokenizer(const Spec& spec,
                                          StoredTokenizer* stored) {
  const spec::Experiment& experiment = spec.experiment();
  if (experiment.training().initial_size() == 0 ||
      !experiment.data().has_tokenizer())
    return false;
  const std::string run = experiment.training().initial(0).run();
  auto folder = RunFolder::OpenToRead(spec.ResolvePath(run));
  if (!folder.ok())
    return spec.Locate("training.initial[0].run", folder.status());
  ARCHLAB_ASSIGN_OR_RETURN(*stored, folder->ReadTokenizer());
  return true;
}

absl::Status LoadInitialWeights(const Spec& spec, const Catalogue& catalogue,
                                const Vocabulary& vocabulary, Model* model,
                                Progress* progress) {
  for (int i = 0; i < spec.experiment().training().initial_size(); ++i)
    ARCHLAB_RETURN_IF_ERROR(
        LoadOne(spec, catalogue, i, vocabulary, model, progress));
  return absl::OkStatus();
}

}  // namespace archlab
