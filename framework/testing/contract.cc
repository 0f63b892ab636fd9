// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Turns a contract into GoogleTest tests.

#include "testing/contract.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "testing/config.h"

namespace archlab {

std::string CrashOf(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    return "cannot start a process";
  if (WIFSIGNALED(status)) return strsignal(WTERMSIG(status));
  const int code = WEXITSTATUS(status);
  return code == 0 ? "" : absl::StrCat("exit status ", code);
}

namespace {

class ContractTest final : public ::testing::Test {
 public:
  ContractTest(const ContractCase& subject, const Promise& promise)
      : subject_(subject), promise_(promise) {}

  void TestBody() override {
    const ComponentUnderTest made(subject_.kind + "/" + subject_.name,
                                  subject_.config, subject_.at);
    ASSERT_TRUE(made.status().ok()) << made.status();
    promise_.check(subject_);
  }

 private:
  const ContractCase subject_;
  const Promise promise_;
};

// The contract of a kind; empty where there is no such kind.
Contract KindContract(const std::string& kind) {
  static const std::map<std::string, Contract (*)()> contracts = {
      {"attention", AttentionContract},
      {"dataset", DatasetContract},
      {"feed_forward", FeedForwardContract},
      {"mixer", MixerContract},
      {"norm", NormContract},
      {"objective", ObjectiveContract},
      {"optimizer", OptimizerContract},
      {"position", PositionContract},
      {"router", RouterContract},
      {"sampler", SamplerContract},
      {"schedule", ScheduleContract},
      {"tokenizer", TokenizerContract},
  };
  const auto found = contracts.find(kind);
  return found == contracts.end() ? Contract() : found->second();
}

// What stands for a config in a test's name.
std::string Label(const std::string& config) {
  std::string label;
  for (const char c : config)
    label += absl::ascii_isalnum(c) || c == '.' ? c : '_';
  return label.empty() ? label : "/" + label;
}

}  // namespace

const Traits& ContractCase::traits() const {
  static const Traits none;
  const ComponentManifest* const found = TestCatalogue().Find(kind, name);
  return found == nullptr ? none : found->traits();
}

bool AddContract(const char* component, const char* config, const char* file,
                 int line, const Surroundings& at) {
  absl::string_view kind, name;
  ARCHLAB_CHECK(SplitComponent(component, &kind, &name))
      << component << " is not of the form kind/name";
  const ContractCase subject = {std::string(kind), std::string(name), config,
                                at, nullptr};
  Contract contract = KindContract(subject.kind);
  ARCHLAB_CHECK(!contract.empty()) << "no contract for kind " << subject.kind;
  for (const Promise& promise : CommonContract()) contract.push_back(promise);
  for (const Promise& promise : contract)
    ::testing::RegisterTest(component, (promise.name + Label(config)).c_str(),
                            nullptr, nullptr, file, line,
                            [subject, promise]() -> ::testing::Test* {
                              return new ContractTest(subject, promise);
                            });
  return true;
}

}  // namespace archlab
