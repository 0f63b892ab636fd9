// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// sentencepiece_process: answers the frames of its standard input with what
// the SentencePiece library says. See ../frame.h and ../process.h.

#include <poll.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "frame.h"

namespace archlab {
namespace {

namespace sp = sentencepiece;

constexpr int kSocket = STDIN_FILENO;
// Lines are cut to this length: byte-pair encoding counts the characters of a
// word in 16 bits, and the library skips what is longer than it was told.
constexpr size_t kLongestLine = 16384;  // bytes

// The lines of the documents that arrive, as sentences of the library.
class Lines final : public sp::SentenceIterator {
 public:
  Lines() { Next(); }
  bool done() const override { return ended_; }
  const std::string& value() const override { return line_; }
  sp::util::Status status() const override { return sp::util::Status(); }

  void Next() override {
    do {
      while (at_ >= document_.body.size())
        if (!NextDocument()) return;
      TakeLine();
    } while (line_.find_first_not_of(' ') == std::string::npos);
  }

  // Reads to the end of the documents, where training stopped before.
  void Skip() {
    while (NextDocument()) continue;
  }

 private:
  bool NextDocument() {
    if (ended_) return false;
    ended_ = !ReadFrame(kSocket, &document_) ||
             document_.kind != FrameKind::kDocument;
    at_ = 0;
    return !ended_;
  }

  void TakeLine() {
    const std::string& text = document_.body;
    size_t end = std::min(text.find('\n', at_), text.size());
    size_t next = end + 1;
    if (end - at_ > kLongestLine) {
      end = text.rfind(' ', at_ + kLongestLine);
      if (end == std::string::npos || end <= at_) {
        end = at_ + kLongestLine;
        while ((text[end] & 0xC0) == 0x80 && end > at_ + kLongestLine - 4)
          --end;
      }
      next = end;
    }
    line_.assign(text, at_, end - at_);
    at_ = next;
    // The library passes over lines that have these.
    for (char& c : line_)
      if (c == '\t' || c == '\0') c = ' ';
    const char reserved[] = "\xE2\x96\x85";  // U+2585
    for (size_t i = 0; (i = line_.find(reserved, i)) != std::string::npos;)
      std::fill_n(line_.begin() + static_cast<int64_t>(i), 3, ' ');
  }

  Frame document_;
  size_t at_ = 0;
  std::string line_;
  bool ended_ = false;
};

// A model that is loaded, and its pieces.
class Model {
 public:
  // Appends the pieces to `list`.
  sp::util::Status Load(const std::string& model, std::string* list) {
    const sp::util::Status status = library_.LoadFromSerializedProto(model);
    if (!status.ok()) return status;
    bool words_only = true;
    for (int id = 0; id < library_.GetPieceSize(); ++id) {
      const std::string& text = library_.IdToPiece(id);
      if (library_.IsByte(id)) {  // <0x41>
        const int value = std::stoi(text.substr(1), nullptr, 0);
        AppendPiece(PieceKind::kByte, std::string(1, static_cast<char>(value)),
                    list);
        continue;
      }
      words_only &= text.find_first_of(" \n") == std::string::npos &&
                    text.find(kSpace, 1) == std::string::npos;
      AppendPiece(library_.IsUnknown(id)   ? PieceKind::kUnknown
                  : library_.IsUnused(id)  ? PieceKind::kUnused
                  : library_.IsControl(id) ? PieceKind::kControl
                                           : PieceKind::kText,
                  text, list);
    }
    known_.clear();
    by_word_ = words_only && SpaceOnlySeparates();
    return status;
  }

  // Where words do not depend on each other they are encoded one by one: the
  // library adds up a text's scores in floats, so that the cut of a long text
  // would be a matter of rounding, and byte-pair encoding of one is slow.
  sp::util::Status Encode(const std::string& text, std::vector<int>* ids) {
    if (!by_word_) return library_.Encode(text, ids);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end =
          std::min(text.find_first_of(" \n", begin), text.size());
      if (end > begin) {
        const sp::util::Status status =
            EncodeWord(text.substr(begin, end - begin), ids);
        if (!status.ok()) return status;
      }
      begin = end + 1;
    }
    return sp::util::Status();
  }

 private:
  static constexpr char kSpace[] = "\xE2\x96\x81";  // U+2581, within pieces
  static constexpr size_t kLongestKnownWord = 64;   // bytes
  static constexpr size_t kMostKnownWords = 1 << 20;

  // Whether spaces and line ends part words and do nothing else.
  bool SpaceOnlySeparates() const {
    const std::vector<int> one = library_.EncodeAsIds("a");
    std::vector<int> two = one;
    two.insert(two.end(), one.begin(), one.end());
    return library_.EncodeAsIds("a a") == two &&
           library_.EncodeAsIds(" \n a\n") == one &&
           library_.EncodeAsIds("a\n  a ") == two &&
           library_.EncodeAsIds(" \n").empty() &&
           !library_.IsUnknown(library_.PieceToId(kSpace));
  }

  sp::util::Status EncodeWord(const std::string& word, std::vector<int>* ids) {
    const auto found = known_.find(word);
    if (found != known_.end()) {
      ids->insert(ids->end(), found->second.begin(), found->second.end());
      return sp::util::Status();
    }
    std::vector<int> own;
    const sp::util::Status status = library_.Encode(word, &own);
    ids->insert(ids->end(), own.begin(), own.end());
    if (word.size() <= kLongestKnownWord && known_.size() < kMostKnownWords)
      known_.emplace(word, std::move(own));
    return status;
  }

  sp::SentencePieceProcessor library_;
  bool by_word_ = false;
  std::unordered_map<std::string, std::vector<int>> known_;
};

sp::util::Status Train(const std::string& settings, std::string* model) {
  std::unordered_map<std::string, std::string> arguments = {
      {"num_threads", "1"},
      {"max_sentence_length", std::to_string(4 * kLongestLine)},
      {"minloglevel", "2"}};
  std::istringstream words(settings);
  for (std::string key, value; words >> key >> value;) arguments[key] = value;
  Lines lines;
  if (lines.done())
    return sp::util::Status(sp::util::StatusCode::kInvalidArgument, "no text");
  const sp::util::Status status =
      sp::SentencePieceTrainer::Train(arguments, &lines, model);
  lines.Skip();
  return status;
}

// Answers one frame; false where it cannot.
bool Answer(const Frame& frame, Model* model) {
  std::string answer;
  sp::util::Status status(sp::util::StatusCode::kInternal, "unknown frame");
  if (frame.kind == FrameKind::kTrain) status = Train(frame.body, &answer);
  if (frame.kind == FrameKind::kLoad) status = model->Load(frame.body, &answer);
  if (frame.kind == FrameKind::kEncode) {
    std::vector<int> ids;
    status = model->Encode(frame.body, &ids);
    answer.assign(reinterpret_cast<const char*>(ids.data()),
                  ids.size() * sizeof(int));
  }
  if (!status.ok()) answer = status.error_message();
  return WriteFrame(kSocket,
                    status.ok() ? FrameKind::kDone : FrameKind::kFailed,
                    answer.data(), answer.size());
}

// Ends the process when the other side is gone, in the midst of training too.
void EndWithTheOther() {
  std::thread([] {
    pollfd other = {kSocket, POLLRDHUP, 0};
    while (poll(&other, 1, -1) < 0) continue;
    _exit(0);
  }).detach();
}

int Main() {
  EndWithTheOther();
  try {
    Model model;
    Frame frame;
    while (ReadFrame(kSocket, &frame) && Answer(frame, &model)) continue;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    WriteFrame(kSocket, FrameKind::kFailed, text.data(), text.size());
  }
  // Not by return: the other thread still runs.
  _exit(0);
}

}  // namespace
}  // namespace archlab

int main() { return archlab::Main(); }
