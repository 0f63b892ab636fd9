// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reads ELF files; see elf_file.h.

#include "registry/elf_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"

// The linker puts this at the ELF header of libarchlab.so, which knows what
// this machine is.
extern "C" __attribute__((visibility("hidden"))) const ElfW(Ehdr) __ehdr_start;

namespace archlab {
namespace {

// More than any plugin has; keeps a corrupt count from taking memory.
constexpr int kMostSegments = 1024;
constexpr int kMostSections = 65535;

std::string MachineName(int machine) {
  switch (machine) {
    case EM_386:
      return "x86 (32 bits)";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "Arm (32 bits)";
    case EM_AARCH64:
      return "Arm (64 bits)";
    case EM_PPC64:
      return "PowerPC (64 bits)";
    case EM_RISCV:
      return "RISC-V";
    case EM_S390:
      return "S/390";
    default:
      return absl::StrCat("machine ", machine);
  }
}

absl::Status Refuse(absl::string_view reason) {
  return absl::FailedPreconditionError(reason);
}

absl::Status Truncated(absl::string_view what, uint64_t end, uint64_t size) {
  return Refuse(absl::StrCat("truncated: its ", what, " ends at byte ", end,
                             ", but the file has ", size,
                             " bytes. Build or copy it again"));
}

template <class T>
std::vector<T> AsTable(const std::string& bytes) {
  std::vector<T> table(bytes.size() / sizeof(T));
  if (!table.empty())
    std::memcpy(table.data(), bytes.data(), table.size() * sizeof(T));
  return table;
}

}  // namespace

ElfFile::ElfFile(ElfFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      device_(other.device_),
      inode_(other.inode_),
      world_writable_(other.world_writable_),
      segments_(std::move(other.segments_)),
      sections_(std::move(other.sections_)) {}

ElfFile::~ElfFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::StatusOr<ElfFile> ElfFile::Open(const std::string& path) {
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "cannot be opened");
  ElfFile file(descriptor);
  ARCHLAB_RETURN_IF_ERROR(file.ReadStat());
  ElfW(Ehdr) header;
  ARCHLAB_RETURN_IF_ERROR(file.ReadHeader(&header));
  ARCHLAB_RETURN_IF_ERROR(file.ReadSegments(header));
  ARCHLAB_RETURN_IF_ERROR(file.ReadSections(header));
  return file;
}

absl::Status ElfFile::ReadStat() {
  struct stat about;
  if (::fstat(descriptor_, &about) != 0)
    return absl::ErrnoToStatus(errno, "cannot be examined");
  if (!S_ISREG(about.st_mode)) return Refuse("not a regular file");
  size_ = static_cast<uint64_t>(about.st_size);
  device_ = about.st_dev;
  inode_ = about.st_ino;
  world_writable_ = (about.st_mode & S_IWOTH) != 0;
  return absl::OkStatus();
}

absl::Status ElfFile::ReadHeader(ElfW(Ehdr) * header) const {
  const uint64_t start = std::min<uint64_t>(size_, SELFMAG);
  ARCHLAB_ASSIGN_OR_RETURN(const std::string magic, Read(0, start));
  if (size_ == 0) return Refuse("an empty file, not a shared library");
  if (magic != ELFMAG) return Refuse("not a shared library (no ELF file)");
  if (size_ < sizeof(*header))
    return Truncated("header", sizeof(*header), size_);
  ARCHLAB_ASSIGN_OR_RETURN(const std::string bytes, Read(0, sizeof(*header)));
  std::memcpy(header, bytes.data(), sizeof(*header));
  const ElfW(Ehdr)& own = __ehdr_start;
  // The offsets of e_type and e_machine are the same for 32 and 64 bits.
  if (header->e_machine != own.e_machine ||
      header->e_ident[EI_CLASS] != own.e_ident[EI_CLASS] ||
      header->e_ident[EI_DATA] != own.e_ident[EI_DATA])
    return Refuse(absl::StrCat(
        "built for ", MachineName(header->e_machine), ", but this machine is ",
        MachineName(own.e_machine), ". Rebuild it here"));
  if (header->e_type != ET_DYN)
    return Refuse("not a shared library (an object file or a program)");
  return absl::OkStatus();
}

absl::Status ElfFile::ReadSegments(const ElfW(Ehdr) & header) {
  if (header.e_phnum == 0 || header.e_phnum > kMostSegments ||
      header.e_phentsize != sizeof(ElfW(Phdr)))
    return Refuse("corrupt: its program header table makes no sense");
  const uint64_t bytes = uint64_t{header.e_phnum} * sizeof(ElfW(Phdr));
  if (header.e_phoff > size_ || bytes > size_ - header.e_phoff)
    return Truncated("program header table", header.e_phoff + bytes, size_);
  ARCHLAB_ASSIGN_OR_RETURN(const std::string table,
                           Read(header.e_phoff, bytes));
  segments_ = AsTable<ElfW(Phdr)>(table);
  for (const ElfW(Phdr) & segment : segments_) {
    if (segment.p_type == PT_INTERP) return Refuse("a program, not a plugin");
    const bool used = segment.p_type == PT_LOAD || segment.p_type == PT_NOTE ||
                      segment.p_type == PT_DYNAMIC;
    if (used && (segment.p_offset > size_ ||
                 segment.p_filesz > size_ - segment.p_offset))
      return Truncated("segment", segment.p_offset + segment.p_filesz, size_);
  }
  return absl::OkStatus();
}

absl::Status ElfFile::ReadSections(const ElfW(Ehdr) & header) {
  if (header.e_shoff == 0) return absl::OkStatus();  // stripped of them
  if (header.e_shentsize != sizeof(ElfW(Shdr)) ||
      header.e_shnum > kMostSections)
    return Refuse("corrupt: its section table makes no sense");
  const uint64_t bytes = uint64_t{header.e_shnum} * sizeof(ElfW(Shdr));
  if (header.e_shoff > size_ || bytes > size_ - header.e_shoff)
    return Truncated("section table", header.e_shoff + bytes, size_);
  ARCHLAB_ASSIGN_OR_RETURN(const std::string table,
                           Read(header.e_shoff, bytes));
  sections_ = AsTable<ElfW(Shdr)>(table);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ElfFile::Read(uint64_t offset,
                                          uint64_t size) const {
  if (offset > size_ || size > size_ - offset)
    return Truncated("content", offset + size, size_);
  std::string bytes(size, '\0');
  for (uint64_t done = 0; done < size;) {
    const ssize_t got = ::pread(descriptor_, bytes.data() + done, size - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot be read");
    if (got == 0) return Refuse("became shorter while it was read");
    done += static_cast<uint64_t>(got);
  }
  return bytes;
}

}  // namespace archlab
