// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Our side of benchmarks/tokenizer.py: one tokenizer and one text, kept in
// memory, so that rounds can alternate with those of other programs.
//
//   tokenizer_bench KIND/NAME CONFIG TEXT_FILE
//
// answers each line of stdin with one line, timed with the wall clock:
//   train     learns from the text (or reads what CONFIG names):
//             "SECONDS IDS_OF_THE_VOCABULARY"
//   encode    the text as one document: "SECONDS TOKENS CHECKSUM"
//   lines     each line as a document of its own, the same answer
//   save DIR  writes the tokenizer's files there: "saved"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "archlab/file.h"
#include "archlab/testing.h"
#include "archlab/tokenizer.h"
#include "timing.h"

namespace archlab {
namespace {

// The text, or its lines, each with its end.
std::vector<std::string> Documents(const std::string& text, bool lines) {
  if (!lines) return {text};
  std::vector<std::string> documents;
  for (size_t begin = 0; begin < text.size();) {
    const size_t newline = text.find('\n', begin);
    const size_t end = newline == std::string::npos ? text.size() : newline + 1;
    documents.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return documents;
}

absl::Status Encode(const Tokenizer& tokenizer,
                    const std::vector<std::string>& documents) {
  const Stopwatch watch;
  std::vector<int32_t> ids, own;
  for (const std::string& document : documents) {
    own.clear();
    ARCHLAB_RETURN_IF_ERROR(tokenizer.Encode(document, &own));
    ids.insert(ids.end(), own.begin(), own.end());
  }
  const double seconds = watch.Seconds();
  uint32_t checksum = 0;
  for (const int32_t id : ids) checksum = checksum * 31 + id;
  std::cout << seconds << " " << ids.size() << " " << checksum << std::endl;
  return absl::OkStatus();
}

absl::Status Train(const std::string& text, Tokenizer* tokenizer) {
  const Stopwatch watch;
  ARCHLAB_RETURN_IF_ERROR(
      tokenizer->Train([&text](Split, const DocumentVisitor& visit) {
        visit(text);
        return absl::OkStatus();
      }));
  std::cout << watch.Seconds() << " " << tokenizer->VocabularySize()
            << std::endl;
  return absl::OkStatus();
}

absl::Status Save(const Tokenizer& tokenizer, const std::string& folder) {
  ARCHLAB_ASSIGN_OR_RETURN(const TokenizerFiles files, tokenizer.Save());
  for (const auto& [name, content] : files)
    if (!(std::ofstream(folder + "/" + name, std::ios::binary) << content))
      return absl::UnavailableError("cannot write " + folder + "/" + name);
  std::cout << "saved" << std::endl;
  return absl::OkStatus();
}

absl::Status Serve(const std::string& component, const std::string& config,
                   const std::string& path) {
  using Made = UnderTest<Tokenizer>;
  ARCHLAB_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const std::vector<std::string> whole = Documents(text, false);
  const std::vector<std::string> lines = Documents(text, true);
  auto made = std::make_unique<Made>(component, config);
  ARCHLAB_RETURN_IF_ERROR(made->status());
  for (std::string command; std::getline(std::cin, command);) {
    absl::Status status = absl::InvalidArgumentError("no such command");
    if (command == "train") {
      made = std::make_unique<Made>(component, config);
      status = Train(text, made->get());
    } else if (command == "encode") {
      status = Encode(*made->get(), whole);
    } else if (command == "lines") {
      status = Encode(*made->get(), lines);
    } else if (command.rfind("save ", 0) == 0) {
      status = Save(*made->get(), command.substr(5));
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace archlab

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s KIND/NAME CONFIG TEXT_FILE\n", argv[0]);
    return 2;
  }
  const absl::Status status = archlab::Serve(argv[1], argv[2], argv[3]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s: %s\n", argv[0], status.ToString().c_str());
  return 2;
}
