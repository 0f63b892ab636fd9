// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// SymbolTask: a synthetic dataset whose inputs are random symbols. A component
// says which symbols answer them; its config has the fields length (symbols of
// the longest input), shortest (of the shortest; 0: as the longest) and symbols
// (different ones), beside those of all synthetic datasets.

#ifndef ARCHLAB_SYMBOL_TASK_H_
#define ARCHLAB_SYMBOL_TASK_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "archlab/synthetic.h"

namespace archlab {

// `Task` is the component, `TaskConfig` its config.
template <class Task, class TaskConfig>
class SymbolTask : public SyntheticDataset {
 public:
  using Config = TaskConfig;

  static absl::StatusOr<std::unique_ptr<Task>> Create(const Config& config,
                                                      const BuildContext&) {
    if (config.shortest() > config.length())
      return FieldError(
          {Config::kShortestFieldNumber},
          absl::StrCat("must be at most length, ", config.length(), ", but is ",
                       config.shortest()));
    return std::make_unique<Task>(config);
  }
  explicit SymbolTask(const Config& config)
      : SyntheticDataset(SizesOf(config)),
        longest_(config.length()),
        shortest_(config.shortest() > 0 ? config.shortest() : longest_),
        symbols_(config.symbols()) {}

 private:
  // The target of an input, both as indices of symbols.
  virtual std::vector<int64_t> Answer(std::vector<int64_t> input) const = 0;

  // The length first, each as likely, then the symbols from left to right.
  Document Draw(Random& random) const final {
    std::vector<int64_t> input(shortest_ +
                               random.Below(longest_ - shortest_ + 1));
    for (int64_t& symbol : input)
      symbol = static_cast<int64_t>(random.Below(symbols_));
    Document document;
    for (const int64_t symbol : input) AppendSymbol(symbol, &document.text);
    for (const int64_t symbol : Answer(std::move(input)))
      AppendSymbol(symbol, &document.target);
    return document;
  }

  const int64_t longest_, shortest_, symbols_;
};

}  // namespace archlab

#endif  // ARCHLAB_SYMBOL_TASK_H_
