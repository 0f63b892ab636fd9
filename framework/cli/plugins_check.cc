// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// archlab plugins check: what can be known of a plugin file before it is used.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "archlab/status.h"
#include "cli/plugins.h"
#include "registry/loader.h"
#include "registry/manifest_check.h"
#include "registry/plugin_note.h"
#include "registry/search_path.h"

extern char** environ;

namespace archlab {
namespace {

constexpr size_t kMostOutput = 4096;  // bytes of the child's stderr that count

absl::Status Named(const std::string& path, const absl::Status& status) {
  if (status.ok() || absl::StartsWith(status.message(), path)) return status;
  return absl::Status(status.code(),
                      absl::StrCat(path, ": ", status.message()));
}

// What does not need the plugin's code.
absl::StatusOr<Manifest> CheckStatically(const std::string& path,
                                         bool allow_insecure) {
  ARCHLAB_ASSIGN_OR_RETURN(const PluginNotes notes,
                           ReadPluginNotes(path, allow_insecure));
  ARCHLAB_RETURN_IF_ERROR(CheckManifest(notes.manifest));
  ManifestPool pool;
  ARCHLAB_RETURN_IF_ERROR(pool.Add(notes.manifest));
  return notes.manifest;
}

// Reads the child's stderr until it ends or the time is over.
bool ReadUntilDeadline(int descriptor, int seconds, std::string* output) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    struct pollfd wait = {descriptor, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(left.count())) <= 0) continue;
    char buffer[512];
    const ssize_t got = ::read(descriptor, buffer, sizeof(buffer));
    if (got <= 0) return true;
    if (output->size() < kMostOutput) output->append(buffer, got);
  }
}

absl::Status Outcome(int wait_status, bool in_time, int seconds,
                     std::string output) {
  absl::StripAsciiWhitespace(&output);
  const std::string said =
      output.empty() ? "" : absl::StrCat("\n  it said: ", output);
  if (!in_time)
    return absl::FailedPreconditionError(absl::StrCat(
        "loading it did not end within ", seconds,
        " seconds: something waits in a static initialiser", said));
  if (WIFSIGNALED(wait_status))
    return absl::FailedPreconditionError(absl::StrCat(
        "loading it ends the process with signal ", WTERMSIG(wait_status), " (",
        ::strsignal(WTERMSIG(wait_status)),
        "): look at its static initialisers", said));
  if (WEXITSTATUS(wait_status) == 0) return absl::OkStatus();
  // The child's own message is complete.
  const absl::string_view own = absl::StripPrefix(output, "archlab: ");
  if (own.size() != output.size()) return absl::FailedPreconditionError(own);
  return absl::FailedPreconditionError(
      absl::StrCat("loading it ends the process with status ",
                   WEXITSTATUS(wait_status), said));
}

// Loads the file in another process of this program.
absl::Status LoadInChild(const std::string& path, bool allow_insecure,
                         int seconds) {
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 2);
  std::string program = "/proc/self/exe", a = "plugins", b = "check",
              c = "--load-here", d = path, e = "--allow-insecure-plugins";
  char* arguments[] = {program.data(), a.data(),
                       b.data(),       c.data(),
                       d.data(),       allow_insecure ? e.data() : nullptr,
                       nullptr};
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), &actions, nullptr,
                                  arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);
  std::string output;
  bool in_time = true;
  if (error == 0) in_time = ReadUntilDeadline(pipe_ends[0], seconds, &output);
  ::close(pipe_ends[0]);
  if (error != 0) return absl::ErrnoToStatus(error, "cannot start a process");
  if (!in_time) ::kill(child, SIGKILL);
  int wait_status = 0;
  while (::waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
  }
  return Outcome(wait_status, in_time, seconds, std::move(output));
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

}  // namespace

absl::Status LoadPluginHere(const std::string& path, bool allow_insecure) {
  const absl::StatusOr<Manifest> manifest =
      CheckStatically(path, allow_insecure);
  if (!manifest.ok()) return Named(path, manifest.status());
  return LoadPlugin(path, *manifest).status();
}

absl::Status CheckPluginFile(const std::string& given, bool allow_insecure,
                             int seconds) {
  const std::string path = Absolute(given);
  const absl::StatusOr<Manifest> manifest =
      CheckStatically(path, allow_insecure);
  if (!manifest.ok()) return Named(path, manifest.status());
  std::printf("ok: %s is %s %s, built for this archlab\n", path.c_str(),
              manifest->id().c_str(), manifest->version().c_str());
  const ComponentManifest& component = manifest->components(0);
  const std::string name =
      absl::StrCat(component.kind(), "/", component.name());
  if (ComponentOfPath(path) != name)
    return Named(path,
                 absl::FailedPreconditionError(absl::StrCat(
                     "must be called ", name, ".so to be found. Rename it")));
  std::printf("ok: its path ends in %s.so\n", name.c_str());
  std::fflush(stdout);
  ARCHLAB_RETURN_IF_ERROR(
      Named(path, LoadInChild(path, allow_insecure, seconds)));
  std::printf(
      "ok: it loads, and registers what its manifest promises\n"
      "not checked here: what it computes, and the traits that it claims. That "
      "is the work of its contract test (ctest), of which no record is kept\n");
  return absl::OkStatus();
}

}  // namespace archlab
