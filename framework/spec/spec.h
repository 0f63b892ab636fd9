// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Spec: a parsed, validated experiment that remembers where each field stands.

#ifndef ARCHLAB_SPEC_H_
#define ARCHLAB_SPEC_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "archlab/experiment.pb.h"
#include "registry/catalogue.h"

namespace archlab {

class Spec {
 public:
  // Reads, applies `overrides` ("path = value", in order), validates. On error
  // the message lists every error, each with file:line:col, caret and remedy.
  static absl::StatusOr<Spec> Load(const std::string& file,
                                   const std::vector<std::string>& overrides,
                                   const Catalogue& catalogue);
  // The same for text; `file` is the name that errors show.
  static absl::StatusOr<Spec> Parse(const std::string& file,
                                    const std::string& text,
                                    const std::vector<std::string>& overrides,
                                    const Catalogue& catalogue);
  Spec(Spec&&) noexcept;
  Spec& operator=(Spec&&) noexcept;
  ~Spec();

  const spec::Experiment& experiment() const;
  // Directory that relative paths of the spec are relative to.
  const std::string& directory() const;
  // An absolute path is itself; a relative one is looked for beside the spec,
  // then in the working directory.
  std::string ResolvePath(absl::string_view path) const;

  // The complete spec: every default written out. Parses to itself.
  std::string Resolved() const;
  // SHA-256 (hex) of the canonical form.
  std::string Hash() const;

  // Changes what relative paths are relative to (a run remembers it).
  void SetDirectory(const std::string& directory);

  // Turns an error about a field into one with file:line:col and caret. `path`
  // is dotted, through Any: "model.decoder_only.stack.width",
  // "model.decoder_only.stack.group[0].block[1].attention.core". A FieldError
  // of a component is located inside the component's config at `path`.
  absl::Status Locate(absl::string_view path, const absl::Status& error) const;

 private:
  Spec();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace archlab

#endif  // ARCHLAB_SPEC_H_
