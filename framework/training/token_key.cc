// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/token_key.h"

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/sha256.h"
#include "registry/code_hash.h"

namespace archlab {
namespace {

// Each text after its length, so that no two sequences of texts are one.
class Hasher {
 public:
  void Add(absl::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    hash_.Update(text);
  }
  void Add(const std::vector<float>& values) {
    Add(static_cast<int64_t>(values.size()));
    hash_.Update(values.data(), values.size() * sizeof(float));
  }
  void Add(int64_t number) { hash_.Update(&number, sizeof(number)); }
  std::string Digest() { return hash_.HexDigest(); }

 private:
  Sha256 hash_;
};

absl::Status AddTokenizer(const Spec& spec, const Catalogue& catalogue,
                          Hasher* hash) {
  const spec::Experiment& experiment = spec.experiment();
  const auto& config = experiment.data().tokenizer();
  hash->Add(config.type_url());
  hash->Add(config.value());
  hash->Add(experiment.seed());
  hash->Add(experiment.data().sequence_tokens());
  absl::string_view kind, name;
  SplitComponent(config.type_url(), &kind, &name);
  const PluginFile* const plugin = catalogue.Provider(kind, name);
  if (plugin == nullptr) return catalogue.WhyMissing(kind, name);
  ARCHLAB_ASSIGN_OR_RETURN(const std::string code, CodeSha256(plugin->path));
  hash->Add(plugin->manifest.version());
  hash->Add(code);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> TokenKey(const Spec& spec,
                                     const Catalogue& catalogue,
                                     const Dataset& dataset,
                                     const std::vector<std::string>& files,
                                     const TokenizerFiles* stored) {
  Hasher hash;
  // EncodePart, and what the library does for tokenizers.
  ARCHLAB_ASSIGN_OR_RETURN(const std::string code, CodeSha256(LibraryPath()));
  hash.Add(code);
  ARCHLAB_RETURN_IF_ERROR(AddTokenizer(spec, catalogue, &hash));
  hash.Add(static_cast<int64_t>(files.size()));
  for (const std::string& path : files) {
    ARCHLAB_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    hash.Add(content);
  }
  hash.Add(stored == nullptr ? -1 : static_cast<int64_t>(stored->size()));
  if (stored != nullptr) {
    for (const auto& [name, content] : *stored) {
      hash.Add(name);
      hash.Add(content);
    }
  }
  for (const Split split : {Split::kTrain, Split::kValidation}) {
    const int64_t documents = dataset.Size(split);
    hash.Add(documents);
    for (int64_t i = 0; i < documents; ++i) {
      ARCHLAB_ASSIGN_OR_RETURN(const Document document, dataset.Get(split, i));
      hash.Add(document.text);
      hash.Add(document.target);
      hash.Add(document.label);
      hash.Add(document.patches);
    }
  }
  return hash.Digest();
}

}  // namespace archlab
