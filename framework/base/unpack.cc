// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Files that gzip may have packed, and lines of text.

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "archlab/file.h"
#include "archlab/status.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

bool IsGzip(absl::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1F' && bytes[1] == '\x8B';
}

// Unpacks one gzip member at the front of `packed` and removes it.
absl::Status UnpackMember(const std::string& path, absl::string_view* packed,
                          std::string* out) {
  constexpr int kGzipOnly = 16;
  constexpr size_t kMost = size_t{1} << 30;  // zlib counts in 32 bits
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipOnly + MAX_WBITS) != Z_OK)
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot unpack '", path, "': there is no memory"));
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  std::string piece(size_t{1} << 18, '\0');
  for (int state = Z_OK; state != Z_STREAM_END;) {
    const size_t given = std::min(packed->size(), kMost);
    stream.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(packed->data()));
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    packed->remove_prefix(given - stream.avail_in);
    out->append(piece, 0, piece.size() - stream.avail_out);
    if (state == Z_BUF_ERROR ||
        (state == Z_OK && packed->empty() && stream.avail_out == piece.size()))
      return absl::DataLossError(
          absl::StrCat("cannot unpack '", path,
                       "': it ends in the middle of its gzip data; get the "
                       "file again"));
    if (state != Z_OK && state != Z_STREAM_END)
      return absl::DataLossError(absl::StrCat(
          "cannot unpack '", path, "': its gzip data are damaged (",
          stream.msg != nullptr ? stream.msg : "zlib gives no reason",
          "); get the file again"));
  }
  return absl::OkStatus();
}

// Cuts a text into lines; its last line may have no end.
std::vector<std::string> Cut(absl::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    absl::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

absl::StatusOr<std::string> ReadUnpacked(const std::string& path) {
  ARCHLAB_ASSIGN_OR_RETURN(std::string content, ReadFile(path));
  if (!IsGzip(content)) return content;
  std::string unpacked;
  absl::string_view packed = content;
  do {
    ARCHLAB_RETURN_IF_ERROR(UnpackMember(path, &packed, &unpacked));
  } while (IsGzip(packed));
  return unpacked;
}

absl::StatusOr<std::vector<std::string>> ReadLines(const std::string& path) {
  ARCHLAB_ASSIGN_OR_RETURN(const std::string content, ReadUnpacked(path));
  absl::string_view text = content;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (const int64_t bad = FindInvalidUtf8(text); bad >= 0)
    return absl::InvalidArgumentError(
        absl::StrCat("'", path, "' is not UTF-8: ", DescribePlace(text, bad),
                     "; convert it (such as iconv -f ISO-8859-1 -t UTF-8)"));
  return Cut(text);
}

}  // namespace archlab
