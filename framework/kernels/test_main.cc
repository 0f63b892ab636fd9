// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Runs the kernel tests on one instruction set: the environment variable
// ARCHLAB_TEST_TARGET names it ("AVX2"), the best of the machine if unset.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "hwy/highway.h"
#include "kernels/targets.h"

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const char* const wanted = std::getenv("ARCHLAB_TEST_TARGET");
  if (wanted == nullptr) return RUN_ALL_TESTS();
  for (int bit = 0; bit < 63; ++bit) {
    const int64_t target = hwy::SupportedTargets() & (int64_t{1} << bit);
    if (target == 0 || std::string(hwy::TargetName(target)) != wanted) continue;
    hwy::SetSupportedTargetsForTest(target);
    return RUN_ALL_TESTS();
  }
  std::printf("no %s on this machine\n", wanted);
  return 0;
}
