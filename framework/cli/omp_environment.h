// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The OpenMP runtime reads its environment when it is loaded, before main. So
// a command that computes starts itself again, once, with what it wants there.

#ifndef ARCHLAB_OMP_ENVIRONMENT_H_
#define ARCHLAB_OMP_ENVIRONMENT_H_

namespace archlab {

// For commands that compute (train, eval, generate): makes idle threads sleep
// (OMP_WAIT_POLICY=passive) unless the user set the policy, because a spinning
// team on a shared machine is many times slower (in generate they look for work
// for 0.1 ms first); and makes --threads N the size of the team. Returns when
// the environment is right already, or cannot be made so.
void PrepareOmpEnvironment(int argc, char** argv);

}  // namespace archlab

#endif  // ARCHLAB_OMP_ENVIRONMENT_H_
