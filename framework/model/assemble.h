// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Assembly: what all models of a spec are made with: a parameter store, the
// surroundings of every part, and the blocks of a stack.

#ifndef ARCHLAB_ASSEMBLE_H_
#define ARCHLAB_ASSEMBLE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "archlab/model.pb.h"
#include "model/build_context.h"
#include "model/model.h"
#include "nn/stack.h"

namespace archlab {

// A stack's place in a model.
struct StackRole {
  std::string name;  // role path: "encoder" or "decoder"
  bool causal = true;
  bool cross = false;  // blocks see an encoder
};

// A stack as the spec has it.
struct StackSpec {
  const spec::Stack* stack = nullptr;
  std::string path;  // in the spec
};

class Assembly {
 public:
  Assembly(const Spec& spec, const Catalogue& catalogue,
           const ModelOptions& options);

  // The context at the model's root; errors point to `spec_path`.
  ModelBuildContext Root(const std::string& spec_path, int64_t width) const;
  // The stack at this path if the assembly sets it, else the model's trunk;
  // an error where neither is there.
  absl::StatusOr<StackSpec> Find(bool has, const spec::Stack& own,
                                 const std::string& path) const;
  absl::StatusOr<std::unique_ptr<BlockStack>> Stack(
      const StackSpec& found, const spec::Embedding& embedding,
      const std::string& embedding_path, const StackRole& role) const;

  std::unique_ptr<ParameterStore> TakeStore() { return std::move(store_); }

 private:
  // Whether the objective's samples have a prefix.
  bool HasPrefix() const;

  const Spec& spec_;
  const ModelOptions options_;
  std::unique_ptr<ParameterStore> store_;
  BuildHost host_;
};

}  // namespace archlab

#endif  // ARCHLAB_ASSEMBLE_H_
