// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// StackCounter: the rows of a stack, part by part.

#ifndef ARCHLAB_STACK_COUNTER_H_
#define ARCHLAB_STACK_COUNTER_H_

#include <cstdint>
#include <map>
#include <string>

#include "archlab/model.pb.h"
#include "model/counts.h"
#include "nn/parameter_store.h"
#include "nn/stack.h"

namespace archlab {

class StackCounter {
 public:
  // `path` is the stack's role path ("decoder").
  StackCounter(const spec::Stack& spec, const BlockStack& stack,
               const ParameterStore& store, int64_t tokens, CountPairs pairs,
               std::string path);

  void AddTo(ModelCounts& counts);

 private:
  void AddBlock(const spec::Block& spec, const BlockParts& parts,
                ModelCounts& counts);
  void AddAttention(const spec::MultiHeadAttention& spec,
                    const MultiHead& attention, const std::string& path,
                    ModelCounts& counts);
  void AddMixer(const spec::Block& spec, const MixerLayer& layer,
                const std::string& path, ModelCounts& counts);
  void AddFeedForward(const spec::Block& spec, const FeedForward& part,
                      const std::string& path, ModelCounts& counts);
  // A row that has parameters only.
  void AddPlain(const std::string& path, const std::string& component,
                const std::string& shape, int64_t activation_bytes,
                ModelCounts& counts) const;
  // Pairs of query and key that interact in a sequence.
  double Pairs(const spec::MultiHeadAttention& spec, const MultiHead& attention,
               ModelCounts& counts);
  int64_t ParametersUnder(const std::string& path) const;

  const spec::Stack& spec_;
  const BlockStack& stack_;
  const ParameterStore& store_;
  const int64_t tokens_;
  const CountPairs count_pairs_;
  const std::string path_;
  std::map<std::string, double> pairs_;  // by core and config
};

}  // namespace archlab

#endif  // ARCHLAB_STACK_COUNTER_H_
