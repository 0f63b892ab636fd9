// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Frames: one byte of kind, eight of size, the body.

#include "frame.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace archlab {
namespace {

// Bodies are read in parts, so that a size alone takes no memory.
constexpr uint64_t kPart = uint64_t{1} << 22;  // bytes

bool WriteAll(int socket, const char* data, uint64_t bytes) {
  while (bytes > 0) {
    const ssize_t n = send(socket, data, bytes, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    bytes -= static_cast<uint64_t>(n);
  }
  return true;
}

bool ReadAll(int socket, char* data, uint64_t bytes) {
  while (bytes > 0) {
    const ssize_t n = recv(socket, data, bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    bytes -= static_cast<uint64_t>(n);
  }
  return true;
}

}  // namespace

bool WriteFrame(int socket, FrameKind kind, const char* body, uint64_t bytes) {
  char head[1 + sizeof(bytes)] = {static_cast<char>(kind)};
  std::memcpy(head + 1, &bytes, sizeof(bytes));
  return WriteAll(socket, head, sizeof(head)) && WriteAll(socket, body, bytes);
}

bool ReadFrame(int socket, Frame* frame) {
  char head[1 + sizeof(uint64_t)];
  if (!ReadAll(socket, head, sizeof(head))) return false;
  frame->kind = static_cast<FrameKind>(head[0]);
  uint64_t left = 0;
  std::memcpy(&left, head + 1, sizeof(left));
  frame->body.clear();
  while (left > 0) {
    const uint64_t part = std::min(left, kPart);
    const size_t before = frame->body.size();
    frame->body.resize(before + part);
    if (!ReadAll(socket, frame->body.data() + before, part)) return false;
    left -= part;
  }
  return true;
}

void AppendPiece(PieceKind kind, const std::string& text, std::string* list) {
  const uint32_t bytes = static_cast<uint32_t>(text.size());
  list->push_back(static_cast<char>(kind));
  list->append(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
  list->append(text);
}

bool NextPiece(const std::string& list, size_t* offset, PieceKind* kind,
               std::string* text) {
  uint32_t bytes = 0;
  if (list.size() - *offset < 1 + sizeof(bytes)) return false;
  std::memcpy(&bytes, list.data() + *offset + 1, sizeof(bytes));
  if (list.size() - *offset - 1 - sizeof(bytes) < bytes) return false;
  *kind = static_cast<PieceKind>(list[*offset]);
  text->assign(list, *offset + 1 + sizeof(bytes), bytes);
  *offset += 1 + sizeof(bytes) + bytes;
  return true;
}

}  // namespace archlab
