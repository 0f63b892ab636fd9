// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The OpenMP runtime reads its environment when it is loaded, before main. So
// a command that computes starts itself again, once, with what it wants there.

#ifndef ARCHLAB_OMP_ENVIRONMENT_H_
#define ARCHLAB_OMP_ENVIRONMENT_H_

#include "absl/strings/string_view.h"

namespace archlab {

// For commands that compute (train, eval, generate, ...): makes idle threads
// sleep (OMP_WAIT_POLICY=passive) unless the user set the policy, because a
// spinning team on a shared machine is many times slower; and makes --threads N
// the size of the team. In train and generate, where a thread would often sleep
// just before its next piece of work, they look for work first for some 30 us
// and 0.1 ms (GOMP_SPINCOUNT), unless the user set either variable. Where other
// work keeps the cores busy even that makes steps of small models up to twice
// as long: OMP_WAIT_POLICY=passive is for such machines. Returns when the
// environment is right already, or cannot be made so.
void PrepareOmpEnvironment(int argc, char** argv);

// The waiting of such a command, for a program that does the same work
// (benchmarks).
void WaitAsCommand(absl::string_view command, char** argv);

}  // namespace archlab

#endif  // ARCHLAB_OMP_ENVIRONMENT_H_
