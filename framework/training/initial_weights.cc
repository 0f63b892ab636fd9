// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/initial_weights.h"

#include <cstring>
#include <string>

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

absl::Status WrongShape(const ParameterData& from, const ParameterData& to) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", from.path, "' is ", from.shape.ToString(),
                   " there, but ", to.shape.ToString(), " here",
                   absl::EndsWith(from.path, "embedding.weight")
                       ? "; both specs must name the same data.special_token"
                       : "; name the parameters to take with `parameter`"));
}

absl::Status LoadOne(const Spec& spec, const Catalogue& catalogue, int index,
                     Model* model, Progress* progress) {
  const spec::InitialWeights& initial =
      spec.experiment().training().initial(index);
  const std::string place = absl::StrCat("training.initial[", index, "]");
  auto opened = OpenRun(spec.ResolvePath(initial.run()), initial.checkpoint(),
                        {}, catalogue);
  if (!opened.ok()) return spec.Locate(place + ".run", opened.status());
  if (!opened->warning.empty()) progress->Warn(opened->warning);
  const ParameterStore& from = opened->model->parameters();
  ParameterStore& to = model->parameters();
  int64_t taken = 0;
  for (const auto& parameter : from.parameters()) {
    if (!Wanted(initial, parameter->path)) continue;
    ParameterData* target = to.Find(Renamed(initial, parameter->path));
    if (target == nullptr) continue;
    if (!(target->shape == parameter->shape))
      return spec.Locate(place, WrongShape(*parameter, *target));
    const Tensor value = from.Merged(*parameter);
    std::memcpy(target->master.raw(), value.raw(),
                static_cast<size_t>(value.bytes()));
    ++taken;
  }
  if (taken == 0)
    return spec.Locate(place, absl::InvalidArgumentError(absl::StrCat(
                                  initial.run(),
                                  " and this model have no parameter in "
                                  "common that is asked for")));
  to.Refresh();
  progress->Say(absl::StrCat("took ", taken, " of ", to.parameters().size(),
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
                                Model* model, Progress* progress) {
  for (int i = 0; i < spec.experiment().training().initial_size(); ++i)
    ARCHLAB_RETURN_IF_ERROR(LoadOne(spec, catalogue, i, model, progress));
  return absl::OkStatus();
}

}  // namespace archlab
