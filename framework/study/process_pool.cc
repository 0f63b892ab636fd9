// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/process_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "archlab/file.h"
#include "training/interrupt.h"

namespace archlab {
namespace {

constexpr auto kBetweenPolls = std::chrono::milliseconds(100);

// The environment with the job's threads.
std::vector<std::string> EnvironmentOf(const Job& job) {
  std::vector<std::string> variables;
  for (char** each = environ; *each != nullptr; ++each)
    if (!absl::StartsWith(*each, "OMP_NUM_THREADS=") &&
        !absl::StartsWith(*each, "OMP_WAIT_POLICY=") &&
        !absl::StartsWith(*each, "GOMP_SPINCOUNT="))
      variables.emplace_back(*each);
  variables.push_back(absl::StrCat("OMP_NUM_THREADS=", job.threads));
  variables.emplace_back("OMP_WAIT_POLICY=passive");
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& each : texts) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Where the output is collected until the command has succeeded.
std::string PartOf(const Command& command) {
  return command.output_file + ".part";
}

// Starts the job's next command; false, with the error, when that cannot be.
bool Start(Job* job) {
  std::vector<std::string> arguments = {"archlab"};
  const Command& command = job->commands[job->command];
  arguments.insert(arguments.end(), command.arguments.begin(),
                   command.arguments.end());
  std::vector<std::string> environment = EnvironmentOf(*job);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const int flags =
      O_WRONLY | O_CREAT | O_CLOEXEC | (job->command == 0 ? O_TRUNC : O_APPEND);
  const int log = open(job->log_file.c_str(), flags, 0644);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  const int output = command.output_file.empty()
                         ? dup(nothing)
                         : open(PartOf(command).c_str(),
                                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const pid_t parent = getpid();
  const pid_t child = log < 0 || nothing < 0 || output < 0 ? -1 : fork();
  if (child == 0) {
    // Only calls that are safe between fork and exec.
    setpgid(0, 0);  // Ctrl-C reaches it through this process, once
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execve("/proc/self/exe", argv.data(), envp.data());
    _exit(127);
  }
  const int error = errno;
  if (log >= 0) close(log);
  if (nothing >= 0) close(nothing);
  if (output >= 0) close(output);
  if (child < 0) {
    job->state = Job::kFailed;
    job->error = absl::StrCat("cannot be started (", job->log_file,
                              "): ", std::strerror(error));
    return false;
  }
  job->process = child;
  job->state = Job::kRunning;
  return true;
}

// The last line that the command said.
std::string LastLine(const std::string& file) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return std::string(text.status().message());
  std::string last;
  for (const absl::string_view line : absl::StrSplit(*text, '\n'))
    if (!line.empty()) last = std::string(line);
  return last;
}

std::string WhyFailed(const Job& job, int status) {
  const std::string said = LastLine(job.log_file);
  if (WIFSIGNALED(status))
    return absl::StrCat(
        "was ended by signal ", WTERMSIG(status), " (",
        strsignal(WTERMSIG(status)), ")",
        WTERMSIG(status) == SIGKILL ? "; perhaps memory ran out" : "");
  return said.empty() ? absl::StrCat("ended with status ", WEXITSTATUS(status))
                      : said;
}

// Takes note of a process that has ended; what follows is started.
void Finish(Job* job, int status, bool stopping) {
  job->process = -1;
  const Command& command = job->commands[job->command];
  const bool succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool good = succeeded || (command.may_fail && !stopping);
  // What may fail is not tried again and again: its output stays empty.
  if (good && !command.output_file.empty())
    std::rename(PartOf(command).c_str(), command.output_file.c_str());
  if (good && ++job->command == job->commands.size()) {
    job->state = Job::kDone;
  } else if (stopping) {
    job->state = Job::kStopped;
  } else if (!good) {
    job->state = Job::kFailed;
    job->error = WhyFailed(*job, status);
  } else {
    Start(job);
  }
}

int Running(const std::vector<Job>& jobs) {
  return static_cast<int>(
      std::count_if(jobs.begin(), jobs.end(),
                    [](const Job& job) { return job.state == Job::kRunning; }));
}

void StartMore(int slots, std::vector<Job>* jobs) {
  int running = Running(*jobs);
  const bool alone = std::any_of(jobs->begin(), jobs->end(), [](const Job& j) {
    return j.state == Job::kRunning && j.alone;
  });
  for (Job& job : *jobs) {
    if (alone || running >= slots) return;
    if (job.state != Job::kWaiting) continue;
    // Its turn comes when nothing else runs.
    if (job.alone && running > 0) return;
    if (Start(&job)) ++running;
    if (job.alone && job.state == Job::kRunning) return;
  }
}

}  // namespace

void RunJobs(int slots, const std::function<void()>& poll,
             std::vector<Job>* jobs) {
  bool stopping = false;
  while (true) {
    if (InterruptGuard::Requested() && !stopping) {
      stopping = true;
      for (const Job& job : *jobs)
        if (job.state == Job::kRunning) kill(job.process, SIGINT);
    }
    if (!stopping) StartMore(slots, jobs);
    if (Running(*jobs) == 0) break;
    std::this_thread::sleep_for(kBetweenPolls);
    for (Job& job : *jobs) {
      int status = 0;
      if (job.state == Job::kRunning &&
          waitpid(job.process, &status, WNOHANG) == job.process)
        Finish(&job, status, stopping);
    }
    poll();
  }
  for (Job& job : *jobs)
    if (job.state == Job::kWaiting) job.state = Job::kStopped;
}

}  // namespace archlab
