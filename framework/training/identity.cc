// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/identity.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/parallel_for.h"
#include "archlab/status.h"
#include "kernels/isa.h"
#include "registry/code_hash.h"
#include "spec/component_facts.h"

namespace archlab {
namespace {

// Adds "kind/name" of components, and of those inside their configs.
void Collect(const std::vector<InnerComponent>& components,
             const CatalogueFacts& facts, std::set<std::string>* names) {
  for (const InnerComponent& each : components) {
    absl::string_view kind, name;
    if (!SplitComponent(each.component.type_url(), &kind, &name)) continue;
    names->insert(absl::StrCat(kind, "/", name));
    Collect(facts.Inside(each.component), facts, names);
  }
}

absl::Status Differs(absl::string_view what, absl::string_view remedy) {
  return absl::FailedPreconditionError(
      absl::StrCat(what,
                   " since the run began; going on would give the result of "
                   "neither. ",
                   remedy, ", or train anew in another folder (--run)"));
}

// Components whose plugin has another version or other code, ", " between.
std::string ChangedPlugins(const RunIdentity& saved, const RunIdentity& now) {
  std::map<std::string, std::string> before;
  for (const PluginIdentity& plugin : saved.plugins())
    before[plugin.component()] = plugin.version() + plugin.code_sha256();
  std::vector<std::string> changed;
  for (const PluginIdentity& plugin : now.plugins())
    if (before[plugin.component()] != plugin.version() + plugin.code_sha256())
      changed.push_back(plugin.component());
  return absl::StrJoin(changed, ", ");
}

}  // namespace

std::vector<std::string> ComponentsOf(const Spec& spec,
                                      const Catalogue& catalogue) {
  const CatalogueFacts facts(catalogue);
  const spec::Experiment& experiment = spec.experiment();
  std::set<std::string> names;
  Collect(ComponentsIn(experiment.data()), facts, &names);
  Collect(ComponentsIn(experiment.model()), facts, &names);
  Collect(ComponentsIn(experiment.training()), facts, &names);
  return {names.begin(), names.end()};
}

absl::StatusOr<RunIdentity> MakeIdentity(const Spec& spec,
                                         const Catalogue& catalogue,
                                         const std::string& data_sha256) {
  RunIdentity identity;
  identity.set_spec_sha256(spec.Hash());
  identity.set_data_sha256(data_sha256);
  ARCHLAB_ASSIGN_OR_RETURN(*identity.mutable_code_sha256(),
                           CodeSha256(LibraryPath()));
  for (const std::string& component : ComponentsOf(spec, catalogue)) {
    absl::string_view kind, name;
    SplitComponent(component, &kind, &name);
    const PluginFile* const file = catalogue.Provider(kind, name);
    if (file == nullptr) return catalogue.WhyMissing(kind, name);
    PluginIdentity* const plugin = identity.add_plugins();
    plugin->set_component(component);
    plugin->set_version(file->manifest.version());
    ARCHLAB_ASSIGN_OR_RETURN(*plugin->mutable_code_sha256(),
                             CodeSha256(file->path));
  }
  identity.set_isa(IsaName());
  identity.set_threads(ParallelThreads());
  identity.add_libraries(LibraryVersions());
  return identity;
}

std::vector<std::string> ChangesOf(const RunIdentity& saved,
                                   const RunIdentity& now) {
  std::vector<std::string> changes;
  const auto compare = [&](absl::string_view what, const std::string& before,
                           const std::string& after) {
    if (before != after)
      changes.push_back(
          absl::StrCat(what, " changed from ", before, " to ", after));
  };
  compare("the corpus", saved.data_sha256().substr(0, 8),
          now.data_sha256().substr(0, 8));
  compare("archlab's code", saved.code_sha256().substr(0, 8),
          now.code_sha256().substr(0, 8));
  compare("the instruction set", saved.isa(), now.isa());
  compare("the number of threads", absl::StrCat(saved.threads()),
          absl::StrCat(now.threads()));
  compare("the libraries", absl::StrJoin(saved.libraries(), ", "),
          absl::StrJoin(now.libraries(), ", "));
  const std::string plugins = ChangedPlugins(saved, now);
  if (!plugins.empty())
    changes.push_back(absl::StrCat("plugins changed (", plugins, ")"));
  return changes;
}

absl::Status CompareIdentity(const RunIdentity& saved, const RunIdentity& now,
                             std::vector<std::string>* warnings) {
  if (saved.spec_sha256() != now.spec_sha256())
    return Differs("the spec has changed",
                   "Resume from the folder alone (archlab train --resume "
                   "RUN) with its spec.textproto as it was");
  if (saved.data_sha256() != now.data_sha256())
    return Differs("the text of the corpus, or how it is encoded, has changed",
                   "Put the files back as they were");
  for (const std::string& change : ChangesOf(saved, now))
    warnings->push_back(absl::StrCat(change,
                                     " since the run began: the weights may "
                                     "not be the same bytes as without "
                                     "the interruption"));
  return absl::OkStatus();
}

}  // namespace archlab
