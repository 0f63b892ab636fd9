// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reads what archlab needs of an ELF file, trusting nothing in it: every
// offset and size is checked against the file before it is used, and nothing
// is mapped, so a file that is cut while being read is an error, not a signal.

#ifndef ARCHLAB_ELF_FILE_H_
#define ARCHLAB_ELF_FILE_H_

#include <elf.h>
#include <link.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace archlab {

class ElfFile {
 public:
  // Opens a shared library for this machine. Refused, with a reason that does
  // not repeat the path: other files, other machines, programs, and files
  // whose segments or section table reach beyond their end.
  static absl::StatusOr<ElfFile> Open(const std::string& path);
  ElfFile(ElfFile&& other) noexcept;
  ElfFile& operator=(ElfFile&&) = delete;
  ~ElfFile();

  const std::vector<ElfW(Phdr)>& segments() const { return segments_; }
  const std::vector<ElfW(Shdr)>& sections() const { return sections_; }
  // Identity of the file: two paths with equal ones are one file.
  uint64_t device() const { return device_; }
  uint64_t inode() const { return inode_; }
  // Others than owner and group may write to it.
  bool world_writable() const { return world_writable_; }

  // `size` bytes from `offset`.
  absl::StatusOr<std::string> Read(uint64_t offset, uint64_t size) const;

 private:
  explicit ElfFile(int descriptor) : descriptor_(descriptor) {}
  absl::Status ReadStat();
  absl::Status ReadHeader(ElfW(Ehdr) * header) const;
  absl::Status ReadSegments(const ElfW(Ehdr) & header);
  absl::Status ReadSections(const ElfW(Ehdr) & header);

  int descriptor_;
  uint64_t size_ = 0;  // bytes
  uint64_t device_ = 0, inode_ = 0;
  bool world_writable_ = false;
  std::vector<ElfW(Phdr)> segments_;
  std::vector<ElfW(Shdr)> sections_;
};

}  // namespace archlab

#endif  // ARCHLAB_ELF_FILE_H_
