// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A file: a line that names the format, the CRC-32 of the rest, the rest:
// numbers as the machine has them, and vectors after their length.

#include "data/token_cache.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"

namespace archlab {
namespace {

constexpr absl::string_view kFormat = "archlab tokens 1\n";
constexpr size_t kHeaderBytes = kFormat.size() + sizeof(int64_t);
constexpr char kExtension[] = ".tokens";
constexpr size_t kKeyDigits = 64;
// No run writes one file for so long: what is older was left by a killed one.
constexpr std::chrono::hours kOldestTemporary{1};

// Appends to `*to`; only counts where it is nullptr.
class Writer {
 public:
  explicit Writer(std::string* to) : to_(to) {}
  void Add(int64_t number) { AddBytes(&number, sizeof(number)); }
  void Add(absl::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    AddBytes(text.data(), text.size());
  }
  template <class T>
  void Add(const std::vector<T>& values) {
    Add(static_cast<int64_t>(values.size()));
    AddBytes(values.data(), values.size() * sizeof(T));
  }
  void Add(const TokenStream& stream) {
    Add(stream.ids);
    Add(stream.documents);
    Add(stream.bytes);
    Add(stream.characters);
    Add(stream.ends);
    Add(stream.target_ids);
    Add(stream.target_ends);
    Add(stream.labels);
    Add(stream.patches_sha256);
  }
  size_t bytes() const { return bytes_; }

 private:
  void AddBytes(const void* data, size_t size) {
    bytes_ += size;
    if (to_ != nullptr) to_->append(static_cast<const char*>(data), size);
  }
  std::string* const to_;
  size_t bytes_ = 0;
};

// Returns the bytes that it has added, or would add.
size_t AddAll(const TokenizerFiles& tokenizer, const TokenStream& train,
              const TokenStream& validation, std::string* to) {
  Writer writer(to);
  writer.Add(static_cast<int64_t>(tokenizer.size()));
  for (const auto& [name, content] : tokenizer) {
    writer.Add(name);
    writer.Add(content);
  }
  writer.Add(train);
  writer.Add(validation);
  return writer.bytes();
}

// Once something does not fit, nothing more is read.
class Reader {
 public:
  explicit Reader(absl::string_view rest) : rest_(rest) {}
  void Read(int64_t* number) { Copy(number, sizeof(*number)); }
  void Read(std::string* text) {
    text->resize(ReadCount(1));
    Copy(text->data(), text->size());
  }
  template <class T>
  void Read(std::vector<T>* values) {
    values->resize(ReadCount(sizeof(T)));
    Copy(values->data(), values->size() * sizeof(T));
  }
  void Read(TokenStream* stream) {
    Read(&stream->ids);
    Read(&stream->documents);
    Read(&stream->bytes);
    Read(&stream->characters);
    Read(&stream->ends);
    Read(&stream->target_ids);
    Read(&stream->target_ends);
    Read(&stream->labels);
    Read(&stream->patches_sha256);
  }
  // All was there, and nothing is left.
  bool Whole() const { return ok_ && rest_.empty(); }

  // Of elements that are still there.
  size_t ReadCount(size_t element_bytes) {
    int64_t count = 0;
    Read(&count);
    if (count >= 0 &&
        static_cast<uint64_t>(count) <= rest_.size() / element_bytes)
      return static_cast<size_t>(count);
    ok_ = false;
    return 0;
  }

 private:
  void Copy(void* to, size_t size) {
    if (size == 0) return;
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return;
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  absl::string_view rest_;
  bool ok_ = true;
};

int64_t Checksum(absl::string_view bytes) {
  const auto* const data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<int64_t>(crc32_z(0, data, bytes.size()));
}

std::optional<CachedTokens> Parse(absl::string_view file) {
  int64_t checksum = 0;
  if (!absl::StartsWith(file, kFormat) || file.size() < kHeaderBytes)
    return std::nullopt;
  std::memcpy(&checksum, file.data() + kFormat.size(), sizeof(checksum));
  file.remove_prefix(kHeaderBytes);
  if (checksum != Checksum(file)) return std::nullopt;
  Reader reader(file);
  CachedTokens found;
  for (size_t files = reader.ReadCount(1); files > 0; --files) {
    std::string name, content;
    reader.Read(&name);
    reader.Read(&content);
    found.tokenizer[name] = std::move(content);
  }
  reader.Read(&found.parts.train);
  reader.Read(&found.parts.validation);
  if (!reader.Whole()) return std::nullopt;
  return found;
}

// A text is its user's alone: the folder, where it is new, and the file can be
// read by no other. Not synced: what a power cut damages counts as missing.
void WritePrivately(const std::string& folder, const std::string& path,
                    absl::string_view content) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::create_directories(folder, error))
    fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return;
  const std::string temporary = absl::StrCat(path, ".tmp.", ::getpid());
  ::unlink(temporary.c_str());  // of a killed run that had this number
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  const bool written = WriteAll(descriptor, content) == 0;
  if (::close(descriptor) != 0 || !written ||
      ::rename(temporary.c_str(), path.c_str()) != 0)
    ::unlink(temporary.c_str());
}

enum class FileKind { kEntry, kTemporary, kForeign };

// The folder may be one of the user's, with other files in it.
FileKind KindOf(absl::string_view name) {
  const size_t digits = name.find_first_not_of("0123456789abcdef");
  if (digits != kKeyDigits) return FileKind::kForeign;
  name.remove_prefix(kKeyDigits);
  if (name == kExtension) return FileKind::kEntry;
  return absl::StartsWith(name, absl::StrCat(kExtension, ".tmp."))
             ? FileKind::kTemporary
             : FileKind::kForeign;
}

const char* NonEmpty(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

TokenCache TokenCache::Default() {
  if (const char* const own = std::getenv("ARCHLAB_CACHE"); own != nullptr)
    return TokenCache(own);
  if (const char* const caches = NonEmpty("XDG_CACHE_HOME"); caches != nullptr)
    return TokenCache(absl::StrCat(caches, "/archlab"));
  if (const char* const home = NonEmpty("HOME"); home != nullptr)
    return TokenCache(absl::StrCat(home, "/.cache/archlab"));
  return TokenCache("");
}

TokenCache::TokenCache(std::string folder, int64_t max_bytes)
    : folder_(std::move(folder)), max_bytes_(max_bytes) {}

std::string TokenCache::PathOf(const std::string& key) const {
  return absl::StrCat(folder_, "/", key, kExtension);
}

std::optional<CachedTokens> TokenCache::Find(const std::string& key) const {
  if (!enabled()) return std::nullopt;
  const absl::StatusOr<std::string> file = ReadFile(PathOf(key));
  if (!file.ok()) return std::nullopt;
  std::error_code ignored;  // the time says when it was used
  std::filesystem::last_write_time(
      PathOf(key), std::filesystem::file_time_type::clock::now(), ignored);
  return Parse(*file);
}

void TokenCache::Keep(const std::string& key, const TokenizerFiles& tokenizer,
                      const TokenStream& train,
                      const TokenStream& validation) const {
  if (!enabled()) return;
  const size_t bytes =
      kHeaderBytes + AddAll(tokenizer, train, validation, nullptr);
  if (static_cast<int64_t>(bytes) > max_bytes_) return;
  std::string file;
  file.reserve(bytes);
  file.append(kFormat.data(), kFormat.size());
  file.append(sizeof(int64_t), '\0');
  AddAll(tokenizer, train, validation, &file);
  const int64_t checksum =
      Checksum(absl::string_view(file).substr(kHeaderBytes));
  std::memcpy(&file[kFormat.size()], &checksum, sizeof(checksum));
  WritePrivately(folder_, PathOf(key), file);
  Prune();
}

void TokenCache::Prune() const {
  namespace fs = std::filesystem;
  struct Entry {
    fs::file_time_type used;
    int64_t bytes;
    fs::path path;
  };
  std::vector<Entry> entries;
  int64_t total = 0;
  const auto oldest = fs::file_time_type::clock::now() - kOldestTemporary;
  std::error_code error;
  fs::directory_iterator it(folder_, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const FileKind kind = KindOf(it->path().filename().string());
    if (kind == FileKind::kForeign) continue;
    std::error_code gone;  // another process prunes too
    const auto used = fs::last_write_time(it->path(), gone);
    if (gone) continue;
    const auto bytes = static_cast<int64_t>(fs::file_size(it->path(), gone));
    if (gone) continue;
    if (kind == FileKind::kTemporary) {
      if (used < oldest) fs::remove(it->path(), gone);
      continue;
    }
    entries.push_back({used, bytes, it->path()});
    total += bytes;
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= max_bytes_) return;
    fs::remove(entry.path, error);
    total -= entry.bytes;
  }
}

}  // namespace archlab
