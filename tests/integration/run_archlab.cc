// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "run_archlab.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "training/test_folder.h"

namespace archlab {
namespace {

constexpr char kProgram[] = ARCHLAB_BUILD_DIR "/bin/archlab";

void Redirect(const std::string& path, int descriptor) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  dup2(file, descriptor);
  close(file);
}

void TalkToNobody() {
  int ends[2];
  if (pipe(ends) != 0) _exit(126);
  dup2(ends[1], STDERR_FILENO);
  close(ends[0]);
  close(ends[1]);
}

// In the child.
[[noreturn]] void Become(const std::vector<std::string>& arguments,
                         const StartOptions& options) {
  for (const auto& [name, value] : options.environment)
    setenv(name.c_str(), value.c_str(), 1);
  if (options.file_bytes >= 0) {
    const rlimit limit = {static_cast<rlim_t>(options.file_bytes),
                          static_cast<rlim_t>(options.file_bytes)};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  std::vector<char*> argv = {const_cast<char*>(kProgram)};
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(kProgram, argv.data());
  _exit(127);
}

}  // namespace

Process::Process(const std::string& folder,
                 const std::vector<std::string>& arguments,
                 const StartOptions& options)
    : out_path_(folder + "/stdout"), err_path_(folder + "/stderr") {
  // What an earlier process said must not be taken for this one's.
  unlink(out_path_.c_str());
  unlink(err_path_.c_str());
  pid_ = fork();
  if (pid_ != 0) return;
  Redirect(options.out.empty() ? out_path_ : options.out, STDOUT_FILENO);
  if (options.deaf)
    TalkToNobody();
  else
    Redirect(err_path_, STDERR_FILENO);
  Become(arguments, options);
}

bool Process::Running() {
  if (!ended_) ended_ = waitpid(pid_, &wait_status_, WNOHANG) == pid_;
  return !ended_;
}

bool Process::WaitForTalk(const std::string& text) {
  for (;;) {
    const bool running =
        Running();  // before reading, so that nothing is missed
    if (ReadAll(err_path_).find(text) != std::string::npos) return true;
    if (!running) return false;
    usleep(1000);
  }
}

void Process::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

Ended Process::Wait() {
  if (!ended_) waitpid(pid_, &wait_status_, 0);
  ended_ = true;
  Ended result;
  if (WIFEXITED(wait_status_)) result.status = WEXITSTATUS(wait_status_);
  if (WIFSIGNALED(wait_status_)) result.signal = WTERMSIG(wait_status_);
  result.out = ReadAll(out_path_);
  result.err = ReadAll(err_path_);
  return result;
}

Ended RunArchlab(const std::string& folder,
                 const std::vector<std::string>& arguments,
                 const StartOptions& options) {
  return Process(folder, arguments, options).Wait();
}

}  // namespace archlab
