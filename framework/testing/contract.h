// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Contracts: the promises of a kind as functions that expect things of a
// component.

#ifndef ARCHLAB_TESTING_CONTRACT_H_
#define ARCHLAB_TESTING_CONTRACT_H_

#include <functional>
#include <string>
#include <vector>

#include "archlab/plugin.pb.h"
#include "archlab/testing.h"

namespace archlab {

// A component with a config at a place in a model.
struct ContractCase {
  std::string kind, name, config;
  Surroundings at;

  TestFactory factory;  // instead of a plugin, in tests of the contracts

  // Makes it, in the dtype of `at` or another one.
  template <class Kind>
  UnderTest<Kind> Make() const {
    return Make<Kind>(at);
  }
  template <class Kind>
  UnderTest<Kind> Make(DType dtype) const {
    Surroundings other = at;
    other.dtype = dtype;
    return Make<Kind>(other);
  }
  template <class Kind>
  UnderTest<Kind> Make(const Surroundings& where) const {
    if (factory) return UnderTest<Kind>(factory, where);
    return UnderTest<Kind>(kind + "/" + name, config, where);
  }
  // What its manifest claims.
  const Traits& traits() const;
};

// One promise.
struct Promise {
  const char* name;
  void (*check)(const ContractCase&);
};
using Contract = std::vector<Promise>;

// Does the work in a process of its own: how that ended ("Floating point
// exception"), or empty when it came to its end.
std::string CrashOf(const std::function<void()>& work);

// Promises of all kinds, and of each.
Contract CommonContract();
Contract AttentionContract();
Contract DatasetContract();
Contract FeedForwardContract();
Contract MixerContract();
Contract NormContract();
Contract ObjectiveContract();
Contract OptimizerContract();
Contract PositionContract();
Contract RouterContract();
Contract SamplerContract();
Contract ScheduleContract();
Contract TokenizerContract();

}  // namespace archlab

#endif  // ARCHLAB_TESTING_CONTRACT_H_
