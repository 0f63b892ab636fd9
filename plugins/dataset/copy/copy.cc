// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The target is the source: can a model carry a sequence over?

#include "archlab/synthetic.h"
#include "copy.pb.h"

namespace archlab {

class Copy final : public SyntheticDataset {
 public:
  using Config = dataset::CopyConfig;

  static absl::StatusOr<std::unique_ptr<Copy>> Create(const Config& config,
                                                      const BuildContext&) {
    return CheckedSynthetic(std::make_unique<Copy>(config));
  }
  explicit Copy(const Config& config)
      : SyntheticDataset(config.seed(), config.train_documents(),
                         config.validation_documents()),
        length_(config.length()),
        symbols_(config.symbols()) {}

 protected:
  Document Make(Random& random) const override {
    Document document;
    document.text = Sequence(random, length_, symbols_);
    document.target = document.text;
    return document;
  }

 private:
  const int64_t length_;
  const int symbols_;
};

ARCHLAB_PLUGIN(Copy)

}  // namespace archlab
