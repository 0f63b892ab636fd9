// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/run_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/sha256.h"
#include "training/durable.h"
#include "training/text_proto.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;

std::string RunFile(const std::string& path) { return path + "/run.textproto"; }
std::string TokenizerPath(const std::string& path) {
  return path + "/tokenizer";
}

constexpr char kBusy[] =
    "another process is training this run; wait until it ends, or choose "
    "another "
    "folder with --run";

// Removes temporaries of killed writers (base/file.h) from the top folder.
void RemoveTemporaries(const std::string& path) {
  std::error_code error;
  std::vector<fs::path> old;
  for (fs::directory_iterator it(path, error), end; !error && it != end;
       it.increment(error))
    if (absl::StrContains(it->path().filename().string(), ".tmp."))
      old.push_back(it->path());
  for (const fs::path& file : old) fs::remove(file, error);
}

absl::Status WriteTokenizer(const std::string& folder,
                            const TokenizerFiles& files) {
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(folder));
  for (const auto& [name, content] : files)
    ARCHLAB_RETURN_IF_ERROR(WriteNewFile(folder + "/" + name, content));
  return SyncDirectory(folder);
}

absl::Status NotARun(const std::string& path) {
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (!error) static_cast<void>(fs::exists(RunFile(path), error));
  if (error) return FileError("cannot read this run", path, error.value());
  if (!there)
    return absl::NotFoundError(absl::StrCat(
        path, ": no such folder; `archlab train` makes one and says its path"));
  return absl::InvalidArgumentError(absl::StrCat(
      path,
      ": not the folder of a run: it has no run.textproto; give the "
      "folder that `archlab train` printed"));
}

absl::Status ReadRun(const std::string& path, Run* run) {
  ARCHLAB_RETURN_IF_ERROR(ReadTextProto(RunFile(path), run));
  if (!run->has_identity())
    return absl::InvalidArgumentError(
        absl::StrCat(RunFile(path),
                     ": is empty or cut off: it has no `identity`; put it back "
                     "from a copy, or train anew"));
  return absl::OkStatus();
}

}  // namespace

std::string HashOf(const TokenizerFiles& files) {
  Sha256 hash;
  for (const auto& [name, content] : files)
    hash.Update(
        absl::StrCat(name.size(), ":", name, content.size(), ":", content));
  return hash.HexDigest();
}

std::string RunFolder::DefaultPath(absl::string_view name, int64_t seed,
                                   absl::string_view spec_sha256) {
  return absl::StrCat("runs/", name, "-", seed, "-", spec_sha256.substr(0, 8));
}

absl::Status RunFolder::CheckFree(const std::string& path) {
  // A folder and its hidden neighbour need 255 bytes.
  constexpr size_t kLongestName = 200;
  const size_t bytes = fs::path(path).filename().string().size();
  if (bytes > kLongestName)
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the name of this run has ", bytes,
        " bytes; give one of at most ", kLongestName, " with --run"));
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (error) return FileError("cannot be looked at", path, error.value());
  if (!there || fs::is_empty(path, error)) return absl::OkStatus();
  if (IsRun(path))
    return absl::AlreadyExistsError(absl::StrCat(
        path,
        ": there is a run already; to go on with it add --resume, to "
        "train anew remove it or choose another folder with --run"));
  return absl::AlreadyExistsError(absl::StrCat(
      path, ": is there and not empty; choose another folder with --run"));
}

bool RunFolder::IsRun(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(RunFile(path), error);
}

absl::StatusOr<RunFolder> RunFolder::Create(const std::string& path,
                                            absl::string_view spec,
                                            const TokenizerFiles& tokenizer,
                                            Run run) {
  ARCHLAB_RETURN_IF_ERROR(CheckFree(path));
  run.set_tokenizer_sha256(HashOf(tokenizer));
  ARCHLAB_ASSIGN_OR_RETURN(StagedFolder staged, StagedFolder::Begin(path));
  const std::string& folder = staged.path();
  ARCHLAB_RETURN_IF_ERROR(WriteNewFile(folder + "/spec.textproto", spec));
  ARCHLAB_RETURN_IF_ERROR(WriteTokenizer(TokenizerPath(folder), tokenizer));
  ARCHLAB_RETURN_IF_ERROR(MakeDirectories(folder + "/checkpoints"));
  ARCHLAB_RETURN_IF_ERROR(WriteNewFile(RunFile(folder), PrintTextProto(run)));
  ARCHLAB_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(folder, kBusy));
  RunFolder result(path, std::move(lock), run);
  const absl::Status moved = staged.Commit("run");
  if (moved.ok()) return result;
  // Another process may have made a run of this name meanwhile.
  ARCHLAB_RETURN_IF_ERROR(CheckFree(path));
  return moved;
}

absl::StatusOr<RunFolder> RunFolder::OpenToRead(const std::string& path) {
  if (!IsRun(path)) return NotARun(path);
  Run run;
  ARCHLAB_RETURN_IF_ERROR(ReadRun(path, &run));
  return RunFolder(path, FolderLock(), std::move(run));
}

absl::StatusOr<RunFolder> RunFolder::OpenToTrain(const std::string& path) {
  if (!IsRun(path)) return NotARun(path);
  ARCHLAB_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(path, kBusy));
  RunFolder folder(path, std::move(lock), Run());
  RemoveTemporaries(path);
  ARCHLAB_RETURN_IF_ERROR(folder.checkpoints().RemoveLeftovers());
  ARCHLAB_RETURN_IF_ERROR(ReadRun(path, &folder.run_));
  return folder;
}

absl::StatusOr<StoredTokenizer> RunFolder::ReadTokenizer() const {
  StoredTokenizer stored;
  stored.folder = TokenizerPath(path_);
  std::error_code error;
  fs::directory_iterator it(stored.folder, error), end;
  for (; !error && it != end; it.increment(error)) {
    ARCHLAB_ASSIGN_OR_RETURN(stored.files[it->path().filename().string()],
                             ReadFile(it->path().string()));
  }
  const std::string remedy =
      "; put it back from a copy of the run, or train anew";
  if (error)
    return absl::FailedPreconditionError(absl::StrCat(
        stored.folder, ": cannot be read: ", error.message(), remedy));
  if (run_.has_tokenizer_sha256() &&
      HashOf(stored.files) != run_.tokenizer_sha256())
    return absl::FailedPreconditionError(absl::StrCat(
        stored.folder,
        ": a file there was changed, so that tokens would have other ids than "
        "in training",
        remedy));
  return stored;
}

absl::Status RunFolder::SaveRun(const Run& run) {
  ARCHLAB_RETURN_IF_ERROR(
      WriteFileAtomically(RunFile(path_), PrintTextProto(run)));
  run_ = run;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ResolveCheckpoint(const RunFolder& run,
                                          absl::string_view which,
                                          std::string* warning) {
  const std::vector<int64_t> steps = run.checkpoints().Steps();
  if (steps.empty())
    return absl::NotFoundError(
        absl::StrCat(run.path(),
                     ": has no checkpoint yet; train it with `archlab train "
                     "--resume ",
                     run.path(), "`"));
  int64_t step = -1;
  if (which == "last") return steps.back();
  if (which == "best" && run.run().has_best_step())
    step = run.run().best_step();
  else if (which == "best")
    return steps.back();  // nothing was evaluated yet
  else if (!absl::SimpleAtoi(which, &step))
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint '", which, "': must be best, last or a step"));
  if (std::find(steps.begin(), steps.end(), step) != steps.end()) return step;
  if (which == "best") {
    *warning = absl::StrCat(run.path(), ": the best checkpoint, of step ", step,
                            ", is gone; the last one, of step ", steps.back(),
                            ", is taken");
    return steps.back();
  }
  return absl::NotFoundError(
      absl::StrCat(run.path(), ": has no checkpoint of step ", step,
                   "; there are: ", absl::StrJoin(steps, ", ")));
}

}  // namespace archlab
