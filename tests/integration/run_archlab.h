// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Runs the archlab program as a user would, and kills it as an accident would.

#ifndef ARCHLAB_RUN_ARCHLAB_H_
#define ARCHLAB_RUN_ARCHLAB_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace archlab {

// How a process ended.
struct Ended {
  int status = -1;  // exit status; -1: killed
  int signal = 0;   // that killed it
  std::string out, err;
};

struct StartOptions {
  std::map<std::string, std::string> environment;  // added to the test's own
  int64_t file_bytes = -1;  // largest file it may write; -1: any
  std::string out;          // where its results go, such as /dev/full
  bool deaf = false;        // its talk goes to a pipe that nobody reads
};

// A running archlab, with its talk in files of `folder`.
class Process {
 public:
  Process(const std::string& folder, const std::vector<std::string>& arguments,
          const StartOptions& options = {});
  // Waits until standard error contains the text, or the process ended; false
  // when it ended without.
  bool WaitForTalk(const std::string& text);
  void Signal(int signal);
  bool Running();
  Ended Wait();

 private:
  const std::string out_path_, err_path_;
  pid_t pid_ = -1;
  int wait_status_ = 0;
  bool ended_ = false;
};

// Runs it to its end.
Ended RunArchlab(const std::string& folder,
                 const std::vector<std::string>& arguments,
                 const StartOptions& options = {});

}  // namespace archlab

#endif  // ARCHLAB_RUN_ARCHLAB_H_
