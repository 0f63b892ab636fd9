// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Interrupt: a request to stop (Ctrl-C, SIGTERM) that lets work come to a good
// end first.

#ifndef ARCHLAB_INTERRUPT_H_
#define ARCHLAB_INTERRUPT_H_

namespace archlab {

// While one lives, the first SIGINT or SIGTERM only sets Requested; a second
// one of the same kind ends the process as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool Requested();
};

}  // namespace archlab

#endif  // ARCHLAB_INTERRUPT_H_
