// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/study_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/sha256.h"
#include "training/identity.h"
#include "training/run_folder.h"
#include "training/text_proto.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

constexpr char kBusy[] =
    "another process is running this study; wait until it ends, or choose "
    "another folder with --folder";

// A study's folder has runs/ and logs/; reports overwrite nothing of others.
absl::Status CheckOurs(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error) || fs::is_empty(path, error) ||
      (fs::exists(path + "/runs", error) && fs::exists(path + "/logs", error)))
    return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat(path,
                   ": is there and is no study's folder; choose another with "
                   "--folder"));
}

std::string IdentityHash(const RunIdentity& identity) {
  return Sha256Hex(PrintTextProto(identity));
}

}  // namespace

absl::StatusOr<StudyFolder> StudyFolder::Open(const std::string& path) {
  ARCHLAB_RETURN_IF_ERROR(CheckOurs(path));
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(path + "/runs"));
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(path + "/logs"));
  ARCHLAB_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(path, kBusy));
  StudyFolder folder(path, std::move(lock));
  folder.Scan();
  return folder;
}

std::string StudyFolder::log_file(const std::string& run) const {
  return absl::StrCat(path_, "/logs/", fs::path(run).filename().string(),
                      ".txt");
}

absl::StatusOr<spec::BudgetPlan> StudyFolder::ReadPlan() const {
  spec::BudgetPlan plan;
  const std::string file = path_ + "/plan.textproto";
  std::error_code error;
  if (fs::exists(file, error))
    ARCHLAB_RETURN_IF_ERROR(ReadTextProto(file, &plan));
  return plan;
}

absl::Status StudyFolder::WritePlan(const spec::BudgetPlan& plan) const {
  return WriteFileAtomically(path_ + "/plan.textproto", PrintTextProto(plan));
}

void StudyFolder::Scan() {
  runs_.clear();
  std::error_code error;
  for (fs::directory_iterator it(path_ + "/runs", error), end;
       !error && it != end; it.increment(error)) {
    if (!RunFolder::IsRun(it->path())) continue;
    // A folder whose record cannot be read is no run that can be used.
    const absl::StatusOr<RunFolder> folder =
        RunFolder::OpenToRead(it->path().string());
    if (folder.ok()) runs_.push_back({it->path().string(), folder->run()});
  }
  std::sort(
      runs_.begin(), runs_.end(),
      [](const FoundRun& a, const FoundRun& b) { return a.path < b.path; });
}

RunChoice StudyFolder::Choose(const std::string& arm, int64_t seed,
                              const RunIdentity& identity,
                              bool accept_build) const {
  const std::string hash = IdentityHash(identity);
  RunChoice choice;
  choice.path =
      absl::StrCat(path_, "/runs/", arm, "-", seed, "-", hash.substr(0, 8));
  const FoundRun* other = nullptr;
  const std::string wanted = choice.path;
  const auto taken = [](const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
  };
  for (int i = 2; taken(choice.path); ++i)
    choice.path = absl::StrCat(wanted, "-", i);
  for (const FoundRun& each : runs_) {
    const bool done = each.run.state() == DONE;
    if (IdentityHash(each.run.identity()) == hash) {
      // The same run under two arms' names: the one that is further.
      if (!choice.there || done) choice.path = each.path;
      choice.there = true;
      choice.done |= done;
    } else if (each.run.identity().spec_sha256() == identity.spec_sha256() &&
               (other == nullptr || done)) {
      other = &each;
    }
  }
  if (choice.there || other == nullptr) return choice;
  const std::vector<std::string> changed =
      ChangesOf(other->run.identity(), identity);
  const std::string what = absl::StrJoin(changed, "; ");
  const bool same_data =
      other->run.identity().data_sha256() == identity.data_sha256();
  if (!accept_build || !same_data) {
    choice.rejected = what;
    return choice;
  }
  choice.path = other->path;
  choice.there = true;
  choice.done = other->run.state() == DONE;
  choice.accepted = what;
  return choice;
}

}  // namespace archlab
