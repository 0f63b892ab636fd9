// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// LibraryProcess: the SentencePiece library in a process of its own. In ours
// it would end the program as soon as it is loaded: Debian's library exports
// the symbols of a Protocol Buffers 3.14 that it contains, which become mixed
// with those of the one that archlab uses. And where the library aborts, on a
// damaged model for one, only that process ends.

#ifndef ARCHLAB_TOKENIZER_SENTENCEPIECE_PROCESS_H_
#define ARCHLAB_TOKENIZER_SENTENCEPIECE_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "frame.h"

namespace archlab {

// Used by one thread at a time. Ends with the object, and with this program
// however that ends. Not reached by Ctrl-C at a terminal.
class LibraryProcess {
 public:
  // Starts the program `sentencepiece_process` beside this plugin.
  static absl::StatusOr<std::unique_ptr<LibraryProcess>> Start();
  ~LibraryProcess();
  LibraryProcess(const LibraryProcess&) = delete;
  LibraryProcess& operator=(const LibraryProcess&) = delete;

  absl::Status Send(FrameKind kind, absl::string_view body);
  // The body of the answer. InvalidArgument with the library's message where
  // it failed; Internal where the process has ended, which is for good.
  absl::StatusOr<std::string> Receive();
  absl::StatusOr<std::string> Call(FrameKind kind, absl::string_view body);

 private:
  LibraryProcess(pid_t pid, int socket, int messages)
      : pid_(pid), socket_(socket), messages_(messages) {}
  // Why the process is gone, with what it said last.
  absl::Status Ended();

  pid_t pid_;     // 0: it has ended
  int socket_;    // its standard input, both ways
  int messages_;  // its standard error: a file in memory
};

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_SENTENCEPIECE_PROCESS_H_
