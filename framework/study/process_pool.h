// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ProcessPool: archlab commands side by side, as processes of their own, so
// that one that crashes, or is killed for want of memory, takes no other with
// it. They die with this process, however it ends.

#ifndef ARCHLAB_PROCESS_POOL_H_
#define ARCHLAB_PROCESS_POOL_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace archlab {

// A command of archlab.
struct Command {
  std::vector<std::string> arguments;
  // Takes what it prints, once it has ended well, or failed where it may;
  // empty: nothing does.
  std::string output_file;
  bool may_fail = false;  // the job goes on without it
};

// Commands that follow each other.
struct Job {
  std::vector<Command> commands;
  std::string log_file;  // takes what they say on stderr
  int threads = 1;
  bool alone = false;  // nothing runs beside it

  // What came of it.
  enum State { kWaiting, kRunning, kDone, kFailed, kStopped };
  State state = kWaiting;
  size_t command = 0;  // that runs, or that failed
  std::string error;   // of the command that failed: its last line
  pid_t process = -1;
};

// Runs the jobs in their order, at most `slots` at a time. `poll` is called
// several times a second. Returns when all are done, or, after a SIGINT or
// SIGTERM (InterruptGuard), when those that run have saved and stopped.
void RunJobs(int slots, const std::function<void()>& poll,
             std::vector<Job>* jobs);

}  // namespace archlab

#endif  // ARCHLAB_PROCESS_POOL_H_
