// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SentencePiece, the library. Source: Kudo and Richardson, arXiv:1808.06226;
// the unigram model: Kudo, arXiv:1804.10959, section 3.

#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "archlab/file.h"
#include "archlab/tokenizer.h"
#include "archlab/utf8.h"
#include "process.h"
#include "sentencepiece.pb.h"

namespace archlab {
namespace {

constexpr char kModelFile[] = "sentencepiece.model";
// U+2370, a question mark in a box. Not U+FFFD or U+2047: normalisation makes
// a space of the one and two question marks of the other.
constexpr char kUnknownText[] = "\xE2\x8D\xB0";
constexpr char kSpace[] = "\xE2\x96\x81";  // U+2581, a space within a piece

std::string Settings(const tokenizer::SentencepieceConfig& config) {
  using Config = tokenizer::SentencepieceConfig;
  return absl::StrCat(
      "model_type ", config.model_type() == Config::BPE ? "bpe" : "unigram",
      "\nvocab_size ", config.vocabulary_size(), "\ncharacter_coverage ",
      config.character_coverage(), "\nbyte_fallback ",
      config.byte_fallback() ? "true" : "false", "\nnormalization_rule_name ",
      config.lower_case() ? "nmt_nfkc_cf" : "nmt_nfkc",
      "\nhard_vocab_limit false\nunk_id 0\nbos_id -1\neos_id -1\npad_id -1\n");
}

// Replaces what is not UTF-8 by U+FFFD, which normalisation makes a space of;
// the library itself would take it for an unknown character. `held` keeps the
// text where it changes.
absl::string_view ValidUtf8(absl::string_view text, std::string* held) {
  if (FindInvalidUtf8(text) < 0) return text;
  held->clear();
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeCodePoint(text, i);
    AppendCodePoint(point.state == CodePoint::kValid ? point.value : 0xFFFD,
                    held);
    i += point.bytes;
  }
  return *held;
}

// What the library's message means to a user of the spec.
absl::Status TrainError(const absl::Status& status, int64_t vocabulary) {
  const absl::string_view said = status.message();
  if (said == "no text")
    return absl::InvalidArgumentError(
        "the training part has no text to learn pieces from; give data.dataset "
        "a text, or name a model in model_file");
  if (absl::StrContains(said, "Vocabulary size is smaller"))
    return absl::InvalidArgumentError(absl::StrCat(
        "a vocabulary_size of ", vocabulary,
        " has no room for the characters of the training part; raise it, or "
        "lower character_coverage (SentencePiece: ",
        said, ")"));
  return absl::Status(
      status.code(),
      absl::StrCat("SentencePiece cannot learn from the training part: ", said,
                   "; change the settings or the text, or name a model in "
                   "model_file"));
}

// The pieces of a model.
struct Pieces {
  std::vector<std::string> bytes;  // [V] what they read as
  absl::flat_hash_map<std::string, int32_t> control;

  explicit Pieces(const std::string& list) {
    PieceKind kind = PieceKind::kControl;
    std::string text;
    for (size_t at = 0; NextPiece(list, &at, &kind, &text);) {
      const auto id = static_cast<int32_t>(bytes.size());
      if (kind == PieceKind::kControl) control.emplace(text, id);
      bytes.push_back(kind == PieceKind::kText
                          ? absl::StrReplaceAll(text, {{kSpace, " "}})
                      : kind == PieceKind::kByte    ? text
                      : kind == PieceKind::kUnknown ? kUnknownText
                                                    : "");
    }
  }
};

}  // namespace

class Sentencepiece final : public Tokenizer {
 public:
  using Config = tokenizer::SentencepieceConfig;

  Sentencepiece(const Config& config, const BuildContext& context)
      : settings_(Settings(config)),
        vocabulary_size_(config.vocabulary_size()) {
    if (!config.model_file().empty())
      path_ = context.ResolvePath(config.model_file());
  }

  absl::Status Train(const DocumentSource& documents) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!path_.empty()) {
      ARCHLAB_ASSIGN_OR_RETURN(std::string model, ReadFile(path_));
      return Take(path_, std::move(model));
    }
    ARCHLAB_ASSIGN_OR_RETURN(const auto process, LibraryProcess::Start());
    std::string held;
    absl::Status sent = process->Send(FrameKind::kTrain, settings_);
    ARCHLAB_RETURN_IF_ERROR(
        documents(Split::kTrain, [&](absl::string_view text) {
          if (sent.ok())
            sent = process->Send(FrameKind::kDocument, ValidUtf8(text, &held));
        }));
    if (sent.ok()) sent = process->Send(FrameKind::kEnd, "");
    absl::StatusOr<std::string> model =
        sent.ok() ? process->Receive() : absl::StatusOr<std::string>(sent);
    if (!model.ok()) return TrainError(model.status(), vocabulary_size_);
    return Take("the model just learned", *std::move(model));
  }

  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles{{kModelFile, model_}};
  }

  absl::Status Load(const TokenizerFiles& files) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = files.find(kModelFile);
    if (found == files.end())
      return absl::InvalidArgumentError(absl::StrCat(
          "the file ", kModelFile,
          " is missing; restore it, or train the tokenizer again"));
    return Take(kModelFile, found->second);
  }

  int64_t VocabularySize() const override {
    return static_cast<int64_t>(pieces_.bytes.size());
  }

  int32_t SpecialId(absl::string_view name) const override {
    const auto found = pieces_.control.find(name);
    return found == pieces_.control.end() ? -1 : found->second;
  }

  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (process_ == nullptr) {
      ARCHLAB_ASSIGN_OR_RETURN(auto process, LibraryProcess::Start());
      ARCHLAB_RETURN_IF_ERROR(process->Call(FrameKind::kLoad, model_).status());
      process_ = std::move(process);
    }
    std::string held;
    const absl::StatusOr<std::string> answer =
        process_->Call(FrameKind::kEncode, ValidUtf8(text, &held));
    if (!answer.ok()) {
      process_.reset();  // the next text gets another one
      return absl::Status(
          answer.status().code(),
          absl::StrCat("a text of ", text.size(), " bytes cannot be encoded: ",
                       answer.status().message()));
    }
    const size_t before = ids->size();
    ids->resize(before + answer->size() / sizeof(int32_t));
    if (!answer->empty())
      std::memcpy(ids->data() + before, answer->data(), answer->size());
    return absl::OkStatus();
  }

  std::string Bytes(int32_t id) const override {
    return id >= 0 && id < VocabularySize() ? pieces_.bytes[id] : "";
  }

 private:
  // Loads a model into a new process; what was there stays where that fails.
  absl::Status Take(absl::string_view name, std::string model) {
    ARCHLAB_ASSIGN_OR_RETURN(auto process, LibraryProcess::Start());
    const absl::StatusOr<std::string> pieces =
        process->Call(FrameKind::kLoad, model);
    if (!pieces.ok())
      return absl::InvalidArgumentError(absl::StrCat(
          name, ": ", pieces.status().message(),
          "; the file is damaged or no model of SentencePiece: fetch or write "
          "it again"));
    process_ = std::move(process);
    model_ = std::move(model);
    pieces_ = Pieces(*pieces);
    return absl::OkStatus();
  }

  const std::string settings_;  // of training
  const int64_t vocabulary_size_;
  std::string path_;   // empty: learn
  std::string model_;  // as the library writes it
  Pieces pieces_{""};
  // Encoding is one exchange at a time with one process.
  mutable std::mutex mutex_;
  mutable std::unique_ptr<LibraryProcess> process_;  // with the model loaded
};

ARCHLAB_PLUGIN(Sentencepiece)

}  // namespace archlab
