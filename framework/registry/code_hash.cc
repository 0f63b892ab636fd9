// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Identity of machine code; see code_hash.h.

#include "registry/code_hash.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/sha256.h"
#include "registry/elf_file.h"

namespace archlab {
namespace {

absl::StatusOr<std::string> HashCode(const std::string& path) {
  absl::StatusOr<ElfFile> file = ElfFile::Open(path);
  if (!file.ok())
    return absl::Status(file.status().code(),
                        absl::StrCat(path, ": ", file.status().message()));
  Sha256 hash;
  bool any = false;
  const auto add = [&](uint64_t offset, uint64_t size) -> absl::Status {
    ARCHLAB_ASSIGN_OR_RETURN(const std::string bytes, file->Read(offset, size));
    hash.Update(bytes);
    any = true;
    return absl::OkStatus();
  };
  for (const ElfW(Shdr) & section : file->sections())
    if (section.sh_type == SHT_PROGBITS && (section.sh_flags & SHF_EXECINSTR))
      ARCHLAB_RETURN_IF_ERROR(add(section.sh_offset, section.sh_size));
  if (!any)
    for (const ElfW(Phdr) & segment : file->segments())
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X))
        ARCHLAB_RETURN_IF_ERROR(add(segment.p_offset, segment.p_filesz));
  return hash.HexDigest();
}

}  // namespace

absl::StatusOr<std::string> CodeSha256(const std::string& path) {
  using Key = std::tuple<std::string, off_t, time_t, long>;
  static std::mutex mutex;
  static auto& known = *new std::map<Key, std::string>();
  struct stat file;
  if (stat(path.c_str(), &file) != 0) return HashCode(path);  // says why
  const Key key = {path, file.st_size, file.st_mtim.tv_sec,
                   file.st_mtim.tv_nsec};
  // Held while reading: a second thread that asks waits instead of reading too.
  const std::lock_guard<std::mutex> lock(mutex);
  if (const auto at = known.find(key); at != known.end()) return at->second;
  ARCHLAB_ASSIGN_OR_RETURN(const std::string hash, HashCode(path));
  known.emplace(key, hash);
  return hash;
}

std::string LibraryPath() {
  Dl_info about;
  if (!::dladdr(reinterpret_cast<const void*>(&LibraryPath), &about)) return "";
  std::error_code error;
  const std::filesystem::path path =
      std::filesystem::canonical(about.dli_fname, error);
  return error ? about.dli_fname : path.string();
}

}  // namespace archlab
