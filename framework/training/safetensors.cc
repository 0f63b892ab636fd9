// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "base/file.h"
#include "base/sha256.h"
#include "training/durable.h"

namespace archlab {
namespace {

using Json = nlohmann::json;

constexpr char kMetadata[] = "__metadata__";
constexpr int64_t kMostHeaderBytes = 100'000'000;  // as the format says
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct TypeName {
  DType dtype;
  const char* name;
};
constexpr TypeName kTypes[] = {{DType::kF64, "F64"},
                               {DType::kF32, "F32"},
                               {DType::kBF16, "BF16"},
                               {DType::kI32, "I32"}};

const char* NameOf(DType dtype) {
  for (const TypeName& type : kTypes)
    if (type.dtype == dtype) return type.name;
  return "";
}

// --- writing ---------------------------------------------------------------

std::string MakeHeader(const TensorFile& content) {
  Json header = Json::object();
  if (!content.metadata.empty()) header[kMetadata] = content.metadata;
  int64_t offset = 0;
  for (const NamedTensor& tensor : content.tensors) {
    Json shape = Json::array();
    for (const int64_t dim : tensor.value.shape().dims()) shape.push_back(dim);
    const int64_t end = offset + tensor.value.bytes();
    header[tensor.name] = {{"dtype", NameOf(tensor.value.dtype())},
                           {"shape", shape},
                           {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text =
      header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');  // aligns the data
  return text;
}

// --- reading ---------------------------------------------------------------

// Where one tensor lies.
struct Entry {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  int64_t begin = 0, end = 0;
};

absl::Status Bad(const std::string& path, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": not a whole safetensors file: ", reason));
}

// Whether this is an integer in 0 .. 2^63 - 1.
bool IsCount(const Json& json) {
  return json.is_number_unsigned() &&
         json.get<uint64_t>() <= static_cast<uint64_t>(kMost);
}

// Parses without exceptions; a name that occurs twice is an error, because
// readers would differ in which one they take.
absl::StatusOr<Json> ParseHeader(const std::string& path,
                                 const std::string& text) {
  std::vector<std::set<std::string>> names;  // of the objects around
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key &&
        !names.back().insert(value.get<std::string>()).second)
      twice = value.get<std::string>();
    return true;
  };
  // Deeper nesting than any tensor needs is refused before it is built.
  int depth = 0;
  for (const char c : text) {
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    if (depth > 1000) return Bad(path, "the header is nested too deeply");
  }
  Json header = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (header.is_discarded() || !header.is_object())
    return Bad(path, "the header is not a JSON object");
  if (!twice.empty())
    return Bad(path, absl::StrCat("the header names '", twice, "' twice"));
  return header;
}

absl::Status ReadShape(const Json& dims, Entry* entry, int64_t* bytes) {
  std::vector<int64_t> lengths;
  if (!dims.is_array() || dims.size() > Shape::kMaxRank)
    return absl::InvalidArgumentError(absl::StrCat(
        "its shape is not a list of up to ", Shape::kMaxRank, " lengths"));
  int64_t product = DTypeBytes(entry->dtype);
  for (const Json& dim : dims) {
    if (!IsCount(dim))
      return absl::InvalidArgumentError("its shape holds a wrong length");
    lengths.push_back(dim.get<int64_t>());
    if (lengths.back() > 0 && product > kMost / lengths.back())
      return absl::InvalidArgumentError("its shape overflows");
    product *= lengths.back();
  }
  entry->shape = Shape(absl::MakeConstSpan(lengths));
  *bytes = product;
  return absl::OkStatus();
}

// One entry of the header.
absl::Status ReadEntry(const Json& json, int64_t data_bytes, Entry* entry) {
  if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets") || json.size() != 3)
    return absl::InvalidArgumentError(
        "its entry has not exactly dtype, shape and data_offsets");
  const Json& name = json["dtype"];
  const TypeName* type =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [&](const TypeName& t) { return name == t.name; });
  if (type == std::end(kTypes))
    return absl::InvalidArgumentError(absl::StrCat(
        "its dtype ", name.dump(-1, ' ', true, Json::error_handler_t::replace),
        " is not one of F64, F32, BF16, I32"));
  entry->dtype = type->dtype;
  int64_t bytes = 0;
  ARCHLAB_RETURN_IF_ERROR(ReadShape(json["shape"], entry, &bytes));
  const Json& offsets = json["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !IsCount(offsets[0]) ||
      !IsCount(offsets[1]))
    return absl::InvalidArgumentError("its data_offsets are not two counts");
  entry->begin = offsets[0].get<int64_t>();
  entry->end = offsets[1].get<int64_t>();
  if (entry->begin > entry->end || entry->end > data_bytes)
    return absl::InvalidArgumentError(
        absl::StrCat("its data_offsets ", entry->begin, " to ", entry->end,
                     " are not inside the ", data_bytes,
                     " bytes of data (the file may be truncated)"));
  if (entry->end - entry->begin != bytes)
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", entry->end - entry->begin, " bytes, its shape ",
                     entry->shape.ToString(), " needs ", bytes));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Entry>> ReadEntries(const std::string& path,
                                               const Json& header,
                                               int64_t data_bytes) {
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name == kMetadata) continue;
    Entry entry;
    entry.name = name;
    const absl::Status status = ReadEntry(json, data_bytes, &entry);
    if (!status.ok())
      return Bad(path, absl::StrCat("tensor '", name, "': ", status.message()));
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  int64_t next = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != next)
      return Bad(path, absl::StrCat("tensor '", entry.name, "' begins at byte ",
                                    entry.begin, " of the data, not at ", next,
                                    ", where the one before it ends"));
    next = entry.end;
  }
  if (next != data_bytes)
    return Bad(path, absl::StrCat("it has ", data_bytes, " bytes of data, its ",
                                  "tensors need ", next));
  return entries;
}

absl::Status ReadMetadata(const std::string& path, const Json& header,
                          std::map<std::string, std::string>* metadata) {
  const auto found = header.find(kMetadata);
  if (found == header.end()) return absl::OkStatus();
  if (!found->is_object()) return Bad(path, "its metadata is not a map");
  for (const auto& [name, json] : found->items()) {
    if (!json.is_string())
      return Bad(path, absl::StrCat("its metadata '", name, "' is not text"));
    (*metadata)[name] = json.get<std::string>();
  }
  return absl::OkStatus();
}

// The header's text; `hash` gets all bytes up to the data.
absl::StatusOr<std::string> ReadHeader(const FileReader& file, Sha256* hash) {
  std::string length_bytes, text;
  if (file.bytes() < 8)
    return Bad(file.path(), absl::StrCat("it has only ", file.bytes(),
                                         " bytes (the file may be truncated)"));
  ARCHLAB_RETURN_IF_ERROR(file.Read(0, 8, &length_bytes));
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | static_cast<uint8_t>(length_bytes[i]);
  if (length > static_cast<uint64_t>(
                   std::min<int64_t>(kMostHeaderBytes, file.bytes() - 8)))
    return Bad(file.path(), absl::StrCat("its header should have ", length,
                                         " bytes, the file has ", file.bytes(),
                                         " (it may be truncated)"));
  ARCHLAB_RETURN_IF_ERROR(file.Read(8, static_cast<int64_t>(length), &text));
  if (hash != nullptr) {
    hash->Update(length_bytes);
    hash->Update(text);
  }
  return text;
}

// Copies the bytes of one tensor from the file, in pieces.
absl::Status ReadData(const FileReader& file, int64_t offset, Tensor* tensor,
                      Sha256* hash) {
  constexpr int64_t kPiece = 1 << 22;
  std::string piece;
  for (int64_t done = 0; done < tensor->bytes(); done += kPiece) {
    const int64_t count = std::min(kPiece, tensor->bytes() - done);
    ARCHLAB_RETURN_IF_ERROR(file.Read(offset + done, count, &piece));
    std::memcpy(static_cast<char*>(tensor->raw()) + done, piece.data(),
                static_cast<size_t>(count));
    if (hash != nullptr) hash->Update(piece);
  }
  return absl::OkStatus();
}

}  // namespace

const Tensor* TensorFile::Find(absl::string_view name) const {
  for (const NamedTensor& tensor : tensors)
    if (tensor.name == name) return &tensor.value;
  return nullptr;
}

absl::StatusOr<std::string> WriteSafetensors(const std::string& path,
                                             const TensorFile& content) {
  const std::string header = MakeHeader(content);
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i)
    length[i] = static_cast<char>(header.size() >> (8 * i));
  ARCHLAB_ASSIGN_OR_RETURN(FileWriter file, FileWriter::Create(path));
  Sha256 hash;
  hash.Update(length);
  hash.Update(header);
  ARCHLAB_RETURN_IF_ERROR(file.Write(length));
  ARCHLAB_RETURN_IF_ERROR(file.Write(header));
  for (const NamedTensor& tensor : content.tensors) {
    const absl::string_view bytes(static_cast<const char*>(tensor.value.raw()),
                                  static_cast<size_t>(tensor.value.bytes()));
    hash.Update(bytes);
    ARCHLAB_RETURN_IF_ERROR(file.Write(bytes));
  }
  ARCHLAB_RETURN_IF_ERROR(file.Close());
  return hash.HexDigest();
}

absl::StatusOr<TensorFile> ReadSafetensors(const std::string& path,
                                           std::string* sha256) {
  ARCHLAB_ASSIGN_OR_RETURN(const FileReader file, FileReader::Open(path));
  Sha256 hash;
  Sha256* const to_hash = sha256 == nullptr ? nullptr : &hash;
  ARCHLAB_ASSIGN_OR_RETURN(const std::string text, ReadHeader(file, to_hash));
  ARCHLAB_ASSIGN_OR_RETURN(const Json header, ParseHeader(path, text));
  const int64_t data = 8 + static_cast<int64_t>(text.size());
  ARCHLAB_ASSIGN_OR_RETURN(const std::vector<Entry> entries,
                           ReadEntries(path, header, file.bytes() - data));
  TensorFile content;
  ARCHLAB_RETURN_IF_ERROR(ReadMetadata(path, header, &content.metadata));
  for (const Entry& entry : entries) {
    Tensor value = Tensor::Empty(entry.shape, entry.dtype);
    ARCHLAB_RETURN_IF_ERROR(
        ReadData(file, data + entry.begin, &value, to_hash));
    content.tensors.push_back({entry.name, std::move(value)});
  }
  if (sha256 != nullptr) *sha256 = hash.HexDigest();
  return content;
}

}  // namespace archlab
