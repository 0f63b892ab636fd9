// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/interrupt.h"

#include <signal.h>

namespace archlab {
namespace {

volatile sig_atomic_t requested = 0;
struct sigaction old_interrupt, old_terminate;

void Request(int) { requested = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  requested = 0;
  struct sigaction action = {};
  action.sa_handler = Request;
  sigemptyset(&action.sa_mask);
  // Files and pipes need no care (SA_RESTART); the second signal kills.
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &old_interrupt);
  sigaction(SIGTERM, &action, &old_terminate);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt, nullptr);
  sigaction(SIGTERM, &old_terminate, nullptr);
}

bool InterruptGuard::Requested() { return requested != 0; }

}  // namespace archlab
