// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Starting the process, talking to it, and its end.

#include "process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"

extern char** environ;

namespace archlab {
namespace {

constexpr char kProgram[] = "sentencepiece_process";

// The program's path: beside the shared library that this code is in.
std::string ProgramPath() {
  static const char here = 0;
  Dl_info info;
  const std::string library =
      dladdr(&here, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname
                                                             : "";
  const size_t slash = library.rfind('/');
  return slash == std::string::npos ? absl::StrCat("./", kProgram)
                                    : library.substr(0, slash + 1) + kProgram;
}

absl::Status CannotStart(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(
      "SentencePiece cannot be started: ", what, ": ", std::strerror(error),
      error == ENOENT ? "; the file belongs beside the plugin: install archlab "
                        "again"
                      : "; close other programs and try again"));
}

// Spawns the program with the socket as its standard input. Returns an error
// number.
int Spawn(const std::string& path, int socket, int messages, pid_t* pid) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, socket, 0);
  posix_spawn_file_actions_adddup2(&files, messages, 2);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Ctrl-C goes to the terminal's foreground group; this is another one.
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  char name[] = "sentencepiece_process";
  char* arguments[] = {name, nullptr};
  const int error =
      posix_spawn(pid, path.c_str(), &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

// The last line of what the process said.
std::string LastLine(int messages) {
  char tail[512];
  const off_t end = lseek(messages, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, end - off_t{sizeof(tail)});
  const ssize_t n = pread(messages, tail, sizeof(tail), begin);
  absl::string_view text = absl::StripTrailingAsciiWhitespace(
      absl::string_view(tail, n > 0 ? static_cast<size_t>(n) : 0));
  return std::string(text.substr(text.rfind('\n') + 1));
}

}  // namespace

absl::StatusOr<std::unique_ptr<LibraryProcess>> LibraryProcess::Start() {
  const std::string path = ProgramPath();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return CannotStart("no socket", errno);
  const int messages = memfd_create(kProgram, MFD_CLOEXEC);
  pid_t pid = 0;
  const int error = messages < 0 ? errno : Spawn(path, ends[1], messages, &pid);
  close(ends[1]);
  if (error == 0)
    return std::unique_ptr<LibraryProcess>(
        new LibraryProcess(pid, ends[0], messages));
  close(ends[0]);
  if (messages >= 0) close(messages);
  return CannotStart(path, error);
}

LibraryProcess::~LibraryProcess() {
  close(socket_);  // which ends the process
  close(messages_);
  if (pid_ == 0) return;
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

absl::Status LibraryProcess::Send(FrameKind kind, absl::string_view body) {
  if (WriteFrame(socket_, kind, body.data(), body.size()))
    return absl::OkStatus();
  return Ended();
}

absl::StatusOr<std::string> LibraryProcess::Receive() {
  Frame frame;
  if (!ReadFrame(socket_, &frame)) return Ended();
  if (frame.kind != FrameKind::kDone)
    return absl::InvalidArgumentError(frame.body);
  return std::move(frame.body);
}

absl::StatusOr<std::string> LibraryProcess::Call(FrameKind kind,
                                                 absl::string_view body) {
  ARCHLAB_RETURN_IF_ERROR(Send(kind, body));
  return Receive();
}

absl::Status LibraryProcess::Ended() {
  int state = 0;
  shutdown(socket_, SHUT_RDWR);
  while (pid_ > 0 && waitpid(pid_, &state, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
  const std::string said = LastLine(messages_);
  return absl::InternalError(
      absl::StrCat("SentencePiece has ended ",
                   WIFSIGNALED(state)
                       ? absl::StrCat("by signal ", WTERMSIG(state), " (",
                                      strsignal(WTERMSIG(state)), ")")
                       : absl::StrCat("with exit status ", WEXITSTATUS(state)),
                   said.empty() ? "" : ": ", said));
}

}  // namespace archlab
