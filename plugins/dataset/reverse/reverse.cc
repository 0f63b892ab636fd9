// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The target is the source, back to front.

#include "archlab/synthetic.h"
#include "reverse.pb.h"

namespace archlab {

class Reverse final : public SyntheticDataset {
 public:
  using Config = dataset::ReverseConfig;

  static absl::StatusOr<std::unique_ptr<Reverse>> Create(const Config& config,
                                                         const BuildContext&) {
    return CheckedSynthetic(std::make_unique<Reverse>(config));
  }
  explicit Reverse(const Config& config)
      : SyntheticDataset(config.seed(), config.train_documents(),
                         config.validation_documents()),
        length_(config.length()),
        symbols_(config.symbols()) {}

 protected:
  Document Make(Random& random) const override {
    Document document;
    document.text = Sequence(random, length_, symbols_);
    document.target = std::string(document.text.rbegin(), document.text.rend());
    return document;
  }

 private:
  const int64_t length_;
  const int symbols_;
};

ARCHLAB_PLUGIN(Reverse)

}  // namespace archlab
