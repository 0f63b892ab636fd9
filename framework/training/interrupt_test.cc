// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/time.h>

#include <vector>

#include "kernels/matmul.h"

namespace archlab {
namespace {

TEST(InterruptTest, TheFirstSignalIsARequest) {
  const InterruptGuard guard;
  EXPECT_FALSE(InterruptGuard::Requested());
  raise(SIGINT);
  EXPECT_TRUE(InterruptGuard::Requested());
  struct sigaction now;
  ASSERT_EQ(sigaction(SIGINT, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, SIG_DFL);  // the second one ends the process
}

// A product may run on a stack that is no larger than it needs: handlers must
// not write there.
TEST(InterruptTest, TheHandlerHasAStackOfItsOwn) {
  stack_t before, during, after;
  ASSERT_EQ(sigaltstack(nullptr, &before), 0);
  {
    const InterruptGuard guard;
    ASSERT_EQ(sigaltstack(nullptr, &during), 0);
    EXPECT_EQ(during.ss_flags & SS_DISABLE, 0);
    EXPECT_GE(during.ss_size, size_t{32} << 10);
    for (const int number : {SIGINT, SIGTERM}) {
      struct sigaction action;
      ASSERT_EQ(sigaction(number, nullptr, &action), 0);
      EXPECT_NE(action.sa_flags & SA_ONSTACK, 0);
    }
  }
  ASSERT_EQ(sigaltstack(nullptr, &after), 0);
  EXPECT_EQ(after.ss_sp, before.ss_sp);
  EXPECT_EQ(after.ss_flags, before.ss_flags);
}

// Signals in the middle of products of all forms, some of which run on a stack
// that is no larger than they need.
TEST(InterruptTest, DoesNotDisturbProducts) {
  const int64_t m = 128, n = 65, k = 768;
  const std::vector<float> a(m * k, 1), b(n * k, 2);
  std::vector<float> c(m * n);
  for (int round = 0; round < 40; ++round) {
    const InterruptGuard guard;
    const itimerval soon = {{0, 0}, {0, 500 + 50 * round}};
    struct sigaction interrupt, alarm_before;
    ASSERT_EQ(sigaction(SIGINT, nullptr, &interrupt), 0);
    ASSERT_EQ(sigaction(SIGALRM, &interrupt, &alarm_before), 0);
    ASSERT_EQ(setitimer(ITIMER_REAL, &soon, nullptr), 0);
    while (!InterruptGuard::Requested())
      MatMulForward({m, n, k, round % 2 != 0, round % 4 >= 2}, 1, a.data(),
                    b.data(), 0, c.data());
    ASSERT_EQ(sigaction(SIGALRM, &alarm_before, nullptr), 0);
    for (const float each : c) ASSERT_EQ(each, 2 * k);
  }
}

}  // namespace
}  // namespace archlab
