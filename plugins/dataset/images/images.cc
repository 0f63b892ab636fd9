// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Images as patches.

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/dataset.h"
#include "idx.h"
#include "images.pb.h"

namespace archlab {

class Images final : public Dataset {
 public:
  using Config = dataset::ImagesConfig;

  static absl::StatusOr<std::unique_ptr<Images>> Create(
      const Config& config, const BuildContext& context) {
    auto made = std::make_unique<Images>(config);
    ARCHLAB_ASSIGN_OR_RETURN(
        made->training_,
        Read(context, config.images(), Config::kImagesFieldNumber,
             config.labels(), Config::kLabelsFieldNumber));
    ARCHLAB_ASSIGN_OR_RETURN(
        made->validation_,
        Read(context, config.validation_images(),
             Config::kValidationImagesFieldNumber, config.validation_labels(),
             Config::kValidationLabelsFieldNumber));
    const Part& train = made->training_;
    const Part& validation = made->validation_;
    if (train.height != validation.height || train.width != validation.width)
      return FieldError(
          {Config::kValidationImagesFieldNumber},
          absl::StrCat("has images of ", validation.height, " x ",
                       validation.width, " pixels, but those to train on are ",
                       train.height, " x ", train.width));
    if (train.height % config.patch() != 0 || train.width % config.patch() != 0)
      return FieldError(
          {Config::kPatchFieldNumber},
          absl::StrCat("must divide the images' ", train.height, " x ",
                       train.width, " pixels, but is ", config.patch()));
    return made;
  }
  explicit Images(const Config& config)
      : patch_(config.patch()),
        mean_(config.mean()),
        deviation_(config.deviation()) {}

  int64_t Size(Split split) const override { return Of(split).count; }
  int64_t PatchElements() const override { return patch_ * patch_; }

  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    const Part& part = Of(split);
    const char* const image =
        part.pixels.data() + index * part.height * part.width;
    Document document;
    document.label = static_cast<uint8_t>(part.labels[index]);
    document.patches.reserve(part.height * part.width);
    for (int64_t top = 0; top < part.height; top += patch_)
      for (int64_t left = 0; left < part.width; left += patch_)
        AppendPatch(image + top * part.width + left, part.width,
                    &document.patches);
    return document;
  }

  std::string Origin(Split split, int64_t index) const override {
    return absl::StrCat("'", Of(split).path, "', image ", index);
  }

 private:
  struct Part {
    std::string path;
    int64_t count = 0, height = 0, width = 0;
    std::string pixels, labels;
  };

  const Part& Of(Split split) const {
    return split == Split::kTrain ? training_ : validation_;
  }

  static absl::StatusOr<Part> Read(const BuildContext& context,
                                   const std::string& images, int images_field,
                                   const std::string& labels,
                                   int labels_field) {
    Part part;
    part.path = context.ResolvePath(images);
    absl::StatusOr<Idx> pixels = ReadIdx(part.path, 3);
    if (!pixels.ok())
      return FieldError({images_field}, pixels.status().message());
    absl::StatusOr<Idx> classes = ReadIdx(context.ResolvePath(labels), 1);
    if (!classes.ok())
      return FieldError({labels_field}, classes.status().message());
    part.count = pixels->dims[0];
    part.height = pixels->dims[1];
    part.width = pixels->dims[2];
    if (pixels->bytes.empty())
      return FieldError({images_field},
                        absl::StrCat("'", part.path, "' has no images"));
    if (classes->dims[0] != part.count)
      return FieldError(
          {labels_field},
          absl::StrCat("has ", classes->dims[0], " labels for ", part.count,
                       " images; give the file that belongs to '", part.path,
                       "'"));
    part.pixels = std::move(pixels->bytes);
    part.labels = std::move(classes->bytes);
    return part;
  }

  // Appends the patch whose first pixel is at `corner`.
  void AppendPatch(const char* corner, int64_t width,
                   std::vector<float>* out) const {
    for (int64_t y = 0; y < patch_; ++y)
      for (int64_t x = 0; x < patch_; ++x) {
        const auto pixel = static_cast<uint8_t>(corner[y * width + x]);
        out->push_back((static_cast<float>(pixel) / 255.0f - mean_) /
                       deviation_);
      }
  }

  const int64_t patch_;  // pixels
  const float mean_, deviation_;
  Part training_, validation_;
};

ARCHLAB_PLUGIN(Images)

}  // namespace archlab
