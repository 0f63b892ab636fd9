// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the plugin and its process tell each other: frames over a socket. Uses
// std alone: the library's headers define an absl::string_view of their own,
// so they and Abseil's cannot be in one file.
//
//   plugin                         process
//   kTrain  "key value\n"...
//   kDocument text, each
//   kEnd                           kDone model, or kFailed message
//   kLoad model                    kDone pieces (AppendPiece), or kFailed
//   kEncode text                   kDone ids (int32), or kFailed message

#ifndef ARCHLAB_TOKENIZER_SENTENCEPIECE_FRAME_H_
#define ARCHLAB_TOKENIZER_SENTENCEPIECE_FRAME_H_

#include <cstdint>
#include <string>

namespace archlab {

enum class FrameKind : char {
  kTrain = 'T',
  kDocument = 'D',
  kEnd = 'E',
  kLoad = 'L',
  kEncode = 'X',
  kDone = 'K',
  kFailed = 'F',
};

struct Frame {
  FrameKind kind = FrameKind::kEnd;
  std::string body;
};

// Both return false when the other side is gone. No signal is raised.
bool WriteFrame(int socket, FrameKind kind, const char* body, uint64_t bytes);
bool ReadFrame(int socket, Frame* frame);

// What a piece is for.
enum class PieceKind : char {
  kText = 't',     // its text
  kByte = 'b',     // text is one byte
  kUnknown = 'u',  // any character without a piece
  kControl = 'c',  // no text, but a name
  kUnused = '-',   // nothing
};

// The pieces of a model as one string, and back.
void AppendPiece(PieceKind kind, const std::string& text, std::string* list);
// Takes the piece at `*offset` and moves it on; false at the end.
bool NextPiece(const std::string& list, size_t* offset, PieceKind* kind,
               std::string* text);

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_SENTENCEPIECE_FRAME_H_
