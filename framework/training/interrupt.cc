// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/interrupt.h"

#include <signal.h>

namespace archlab {
namespace {

volatile sig_atomic_t requested = 0;
struct sigaction old_interrupt, old_terminate;
stack_t old_stack;

void Request(int) { requested = 1; }

// oneDNN's sgemm takes a buffer from malloc for its stack. What the system
// pushes for a handler, some KB with wide registers, overruns it and corrupts
// the heap, so the handler has a stack of its own: that of the calling thread,
// which is the one that gets a process's signals while it does not block them.
void TakeOwnStack() {
  alignas(64) static char memory[64 << 10];
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = sizeof(memory);
  sigaltstack(&stack, &old_stack);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  requested = 0;
  TakeOwnStack();
  struct sigaction action = {};
  action.sa_handler = Request;
  sigemptyset(&action.sa_mask);
  // Files and pipes need no care (SA_RESTART); the second signal kills.
  action.sa_flags = SA_RESTART | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &old_interrupt);
  sigaction(SIGTERM, &action, &old_terminate);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt, nullptr);
  sigaction(SIGTERM, &old_terminate, nullptr);
  sigaltstack(&old_stack, nullptr);
}

bool InterruptGuard::Requested() { return requested != 0; }

}  // namespace archlab
