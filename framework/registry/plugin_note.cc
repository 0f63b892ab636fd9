// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What a plugin file says of itself; see plugin_note.h.

#include "registry/plugin_note.h"

#include <google/protobuf/stubs/logging.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "archlab/abi.h"
#include "archlab/status.h"
#include "registry/elf_file.h"

namespace archlab {
namespace {

// A manifest is a few kilobytes; a note of more than this is corrupt.
constexpr uint64_t kLargestNoteSegment = 16 << 20;

absl::Status Corrupt(absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("corrupt: ", what, ". Build it again"));
}

// Adds archlab's notes of one segment to `found`, by type.
absl::Status ReadNotes(absl::string_view segment, uint64_t align,
                       std::map<uint32_t, std::string>* found) {
  const uint64_t step = align == 8 ? 8 : 4;
  const auto padded = [step](uint64_t n) {
    return (n + step - 1) / step * step;
  };
  while (segment.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, segment.data(), sizeof(header));
    segment.remove_prefix(sizeof(header));
    const uint64_t name_bytes = padded(header.n_namesz);
    if (name_bytes > segment.size())
      return Corrupt("a note's name is longer than its segment");
    const absl::string_view name = segment.substr(0, header.n_namesz);
    segment.remove_prefix(name_bytes);
    if (header.n_descsz > segment.size())
      return Corrupt(absl::StrCat("a note of ", header.n_descsz,
                                  " bytes in a segment with ", segment.size(),
                                  " left"));
    if (name == absl::string_view(kNoteName, sizeof(kNoteName))) {
      const std::string contents(segment.substr(0, header.n_descsz));
      if (!found->emplace(header.n_type, contents).second)
        return Corrupt("it has two notes of one type");
    }
    segment.remove_prefix(
        std::min<uint64_t>(segment.size(), padded(header.n_descsz)));
  }
  return absl::OkStatus();
}

std::map<std::string, std::string> TagParts(absl::string_view tag) {
  std::map<std::string, std::string> parts;
  for (absl::string_view part : absl::StrSplit(tag, ';')) {
    const std::pair<std::string, std::string> both =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    parts.insert(both);
  }
  return parts;
}

bool OpenToEveryone(const std::filesystem::path& directory) {
  struct stat about;
  if (::stat(directory.c_str(), &about) != 0) return false;
  return (about.st_mode & S_IWOTH) && !(about.st_mode & S_ISVTX);
}

}  // namespace

absl::Status CheckAbiTag(absl::string_view plugin_tag) {
  if (plugin_tag == ARCHLAB_ABI_TAG) return absl::OkStatus();
  const auto theirs = TagParts(plugin_tag), ours = TagParts(ARCHLAB_ABI_TAG);
  std::vector<std::string> differences;
  for (const auto& [key, value] : ours) {
    const auto their = theirs.find(key);
    const std::string their_value =
        their == theirs.end() ? "(nothing)" : their->second;
    if (their_value != value)
      differences.push_back(
          absl::StrCat(key, " ", their_value, " instead of ", value));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "built for another ABI (", absl::StrJoin(differences, ", "),
      "). Rebuild it against this installation of archlab\n  plugin: ",
      plugin_tag, "\n  host:   ", ARCHLAB_ABI_TAG));
}

absl::Status CheckSecure(const std::string& path, bool file_world_writable) {
  namespace fs = std::filesystem;
  static constexpr char kRemedy[] =
      ", so anyone could put code there. Take the permission away (chmod o-w) "
      "or pass --allow-insecure-plugins";
  if (file_world_writable)
    return absl::PermissionDeniedError(
        absl::StrCat("everyone may write to the file", kRemedy));
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  for (const fs::path& directory :
       {fs::path(path).parent_path(), real.parent_path()})
    if (OpenToEveryone(directory))
      return absl::PermissionDeniedError(absl::StrCat(
          "everyone may write to the directory ", directory.string(), kRemedy));
  return absl::OkStatus();
}

absl::StatusOr<PluginNotes> ReadPluginNotes(const std::string& path,
                                            bool allow_insecure) {
  ARCHLAB_ASSIGN_OR_RETURN(const ElfFile file, ElfFile::Open(path));
  if (!allow_insecure)
    ARCHLAB_RETURN_IF_ERROR(CheckSecure(path, file.world_writable()));
  std::map<uint32_t, std::string> notes;
  for (const ElfW(Phdr) & segment : file.segments()) {
    if (segment.p_type != PT_NOTE) continue;
    if (segment.p_filesz > kLargestNoteSegment)
      return Corrupt(
          absl::StrCat("a note segment of ", segment.p_filesz, " bytes"));
    ARCHLAB_ASSIGN_OR_RETURN(const std::string bytes,
                             file.Read(segment.p_offset, segment.p_filesz));
    ARCHLAB_RETURN_IF_ERROR(ReadNotes(bytes, segment.p_align, &notes));
  }
  if (notes.empty())
    return absl::FailedPreconditionError(
        "a shared library, but not an archlab plugin: it has no archlab note. "
        "Build it with archlab_plugin()");
  PluginNotes result;
  // The tag is a C string; a manifest is read only when the tag is ours, since
  // its format belongs to the SDK number.
  result.abi_tag = notes[kAbiNote].c_str();
  if (result.abi_tag.empty()) return Corrupt("its ABI note is missing");
  ARCHLAB_RETURN_IF_ERROR(CheckAbiTag(result.abi_tag));
  if (notes[kManifestNote].empty())
    return Corrupt("its manifest note is missing");
  // What is wrong with a damaged manifest is said by the status.
  const google::protobuf::LogSilencer silence;
  if (!result.manifest.ParseFromString(notes[kManifestNote]))
    return Corrupt("its manifest cannot be parsed");
  result.device = file.device();
  result.inode = file.inode();
  return result;
}

}  // namespace archlab
