// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A steady step of a dense model in f32 calls malloc nowhere outside of oneDNN.
// This program has its own malloc, which counts; oneDNN is told by the callers'
// addresses.

#include <dlfcn.h>
#include <execinfo.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "archlab/status.h"
#include "model/test_spec.h"
#include "training/spec_context.h"
#include "training/step.h"

#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || \
    defined(__SANITIZE_THREAD__)
#define ARCHLAB_OWN_MALLOC 0
#else
#define ARCHLAB_OWN_MALLOC 1
#endif

namespace {

constexpr int kFrames = 24;
struct Call {
  void* frames[kFrames];
  int depth;
};

std::atomic<bool> counting = false;
thread_local bool inside = false;
std::atomic<int64_t> calls = 0;  // outside of oneDNN
Call first_call;

bool IsInOneDnn(const Call& call) {
  for (int i = 0; i < call.depth; ++i) {
    Dl_info info;
    if (dladdr(call.frames[i], &info) != 0 && info.dli_fname != nullptr &&
        std::strstr(info.dli_fname, "libdnnl") != nullptr)
      return true;
  }
  return false;
}

[[maybe_unused]] void Count() {
  if (!counting || inside) return;
  inside = true;
  Call call;
  call.depth = backtrace(call.frames, kFrames);
  if (!IsInOneDnn(call) && calls++ == 0) first_call = call;
  inside = false;
}

}  // namespace

#if ARCHLAB_OWN_MALLOC
extern "C" {
// Those of glibc, under the names that it keeps for this.
void* __libc_malloc(size_t bytes);                      // NOLINT
void* __libc_calloc(size_t count, size_t bytes);        // NOLINT
void* __libc_realloc(void* data, size_t bytes);         // NOLINT
void* __libc_memalign(size_t alignment, size_t bytes);  // NOLINT

void* malloc(size_t bytes) {
  Count();
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  Count();
  return __libc_calloc(count, bytes);
}
void* realloc(void* data, size_t bytes) {
  Count();
  return __libc_realloc(data, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  Count();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** data, size_t alignment, size_t bytes) {
  Count();
  *data = __libc_memalign(alignment, bytes);
  return *data == nullptr ? 12 : 0;  // ENOMEM
}
}  // extern "C"
#endif

namespace archlab {
namespace {

constexpr int64_t kVocabulary = 50;
constexpr char kNotOurs[] = "malloc is a sanitizer's, or not glibc's";

std::string FirstCaller() {
  std::string text;
  char** const names = backtrace_symbols(first_call.frames, first_call.depth);
  for (int i = 0; names != nullptr && i < first_call.depth; ++i)
    text += std::string(names[i]) + "\n";
  std::free(names);
  return text;
}

Batch MakeBatch() {
  Batch batch;
  const Shape shape = {2, 16};  // [B, T]
  batch.ids = Tensor::Zeros(shape, DType::kI32);
  for (int64_t i = 0; i < batch.ids.size(); ++i)
    batch.ids.Set(i, double(i * 7 % kVocabulary));
  batch.targets = batch.ids;
  batch.weights = Tensor::Full(shape, DType::kF32, 1);
  batch.weights.Set(3, 0);  // so that rows are gathered
  batch.tokens = batch.ids.size() - 1;
  return batch;
}

// Calls of malloc in the last of four steps. The first must have made some, or
// the library does not call this malloc.
void CountStep(const TestSpec& test) {
  const Spec spec = test.Parse();
  const auto model = test.Build(DType::kF32, kVocabulary);
  const auto optimizer = MakeComponent<Optimizer>(
      spec, BuiltCatalogue(), spec.experiment().training().optimizer(),
      "training.optimizer");
  ASSERT_TRUE(optimizer.ok()) << optimizer.status();
  StepOptions options;
  options.micro_batches = 2;
  options.clip_norm = 1;
  TrainingStep step(model.get(), optimizer->get(), options);
  const Batch batch = MakeBatch();
  const TrainingStep::BatchSource source = [&](int) -> absl::StatusOr<Batch> {
    return batch;
  };
  for (int i = 0; i < 4; ++i) {
    calls = 0;
    counting = true;
    const auto result = step.Run(i, 1e-3, source);
    counting = false;
    ASSERT_TRUE(result.ok()) << result.status();
    if (i == 0) {
      ASSERT_GT(calls, 0);
    }
  }
}

TEST(Allocations, TheHookCounts) {
  if (!ARCHLAB_OWN_MALLOC) GTEST_SKIP() << kNotOurs;
  calls = 0;
  counting = true;
  const std::vector<int> one(100);
  std::string other(one.size(), 'x');
  counting = false;
  EXPECT_EQ(calls, 2) << other;
}

TEST(Allocations, ASteadyStepCallsMallocNowhere) {
  if (!ARCHLAB_OWN_MALLOC) GTEST_SKIP() << kNotOurs;
  TestSpec test;
  test.position = "[position/learned] {}";
  test.block_fields = "dropout: 0.1";
  test.attention_fields = "dropout: 0.1";
  CountStep(test);
  EXPECT_EQ(calls, 0) << FirstCaller();
}

TEST(Allocations, NorWithRotaryAndGatedUnits) {
  if (!ARCHLAB_OWN_MALLOC) GTEST_SKIP() << kNotOurs;
  TestSpec test;
  test.position = "[position/rope] {}";
  test.norm = "[norm/rms_norm] {}";
  test.feed_forward = "[feed_forward/glu] {}";
  CountStep(test);
  EXPECT_EQ(calls, 0) << FirstCaller();
}

}  // namespace
}  // namespace archlab
