// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Images: patches, values, and files that are wrong.

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// An IDX header.
std::string Header(std::initializer_list<int> dims) {
  std::string header("\0\0\x08", 3);
  header.push_back(static_cast<char>(dims.size()));
  for (const int dim : dims) {
    header.append(3, '\0');
    header.push_back(static_cast<char>(dim));
  }
  return header;
}

class ImagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "archlab_images_" +
              std::to_string(std::random_device()());
    ASSERT_TRUE(std::filesystem::create_directory(folder_));
    // Two images of 2 x 4 pixels: 0 .. 7 and 8 .. 15.
    images_ = Header({2, 2, 4});
    for (int i = 0; i < 16; ++i) images_.push_back(static_cast<char>(i));
    labels_ = Header({2}) + std::string("\3\1", 2);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << content;
  }
  // A dataset whose validation part is images_ and labels_.
  UnderTest<Dataset> Make(const std::string& images, const std::string& labels,
                          const std::string& config) const {
    Write("i", images);
    Write("l", labels);
    Write("vi", images_);
    Write("vl", labels_);
    return UnderTest<Dataset>("dataset/images", Paths() + config);
  }
  std::string Paths() const {
    return "images: '" + folder_ + "/i' labels: '" + folder_ +
           "/l' validation_images: '" + folder_ + "/vi' validation_labels: '" +
           folder_ + "/vl' ";
  }
  std::string Error(const std::string& images, const std::string& labels,
                    const std::string& config = "patch: 2") const {
    return std::string(Make(images, labels, config).status().message());
  }
  std::string folder_, images_, labels_;
};

TEST_F(ImagesTest, PatchesAreSquaresOfPixels) {
  const auto images =
      Make(images_, labels_, "patch: 2 mean: 0 deviation: 0.00392156862");
  ASSERT_TRUE(images.status().ok()) << images.status();
  EXPECT_EQ(images->Size(Split::kTrain), 2);
  EXPECT_EQ(images->PatchElements(), 4);
  const Document first = images->Get(Split::kTrain, 0).value();
  EXPECT_EQ(first.label, 3);
  std::vector<int> pixels;
  for (const float value : first.patches)
    pixels.push_back(static_cast<int>(value + 0.5f));
  EXPECT_THAT(pixels, ElementsAre(0, 1, 4, 5, 2, 3, 6, 7));
  EXPECT_EQ(images->Get(Split::kValidation, 1)->label, 1);
  EXPECT_EQ(images->Origin(Split::kTrain, 1), "'" + folder_ + "/i', image 1");
}

TEST_F(ImagesTest, ValuesAreNormalised) {
  images_[images_.size() - 1] = '\xFF';
  const auto images =
      Make(images_, labels_, "patch: 1 mean: 0.25 deviation: 0.5");
  const Document second = images->Get(Split::kTrain, 1).value();
  EXPECT_FLOAT_EQ(second.patches[0], (8.0f / 255 - 0.25f) / 0.5f);
  EXPECT_FLOAT_EQ(second.patches[7], (1 - 0.25f) / 0.5f);
}

TEST_F(ImagesTest, KeepsTheContract) {
  Make(images_, labels_, "");
  const UnderTest<Dataset> images("dataset/images", Paths() + "patch: 2");
  for (const Split split : {Split::kTrain, Split::kValidation})
    for (int64_t i = 0; i < images->Size(split); ++i)
      EXPECT_EQ(images->Get(split, i)->patches.size(), 8u);
}

TEST_F(ImagesTest, FilesThatAreWrong) {
  const std::string path = "'" + folder_ + "/i'";
  for (size_t bytes = 4; bytes < 16; ++bytes)
    EXPECT_EQ(Error(images_.substr(0, bytes), labels_),
              path + " is cut short: it ends in its header; get it again");
  EXPECT_EQ(Error(images_.substr(0, images_.size() - 1), labels_),
            path +
                " has 15 bytes of elements where its header says 16; it is "
                "cut short: get it again");
  EXPECT_THAT(Error(images_ + "x", labels_), HasSubstr("it is damaged"));
  EXPECT_EQ(Error(labels_, labels_),
            path +
                " is no IDX file of bytes with 3 dimensions; it should "
                "begin with the bytes 0 0 8 3");
  EXPECT_EQ(Error("", labels_).find(path + " is no IDX file"), 0u);
  EXPECT_EQ(Error(images_, Header({1}) + "x"),
            "has 1 labels for 2 images; give the file that belongs to " + path);
  std::string huge = images_;
  for (size_t at = 4; at < 16; ++at) huge[at] = '\xFF';
  EXPECT_THAT(Error(huge, labels_), HasSubstr("it is cut short"));
  EXPECT_EQ(Error(Header({0, 2, 4}), labels_), path + " has no images");
}

TEST_F(ImagesTest, ShapesThatDoNotFit) {
  EXPECT_EQ(Error(images_, labels_, "patch: 4"),
            "must divide the images' 2 x 4 pixels, but is 4");
  EXPECT_EQ(Error(Header({2, 1, 4}) + "abcdefgh", labels_),
            "has images of 2 x 4 pixels, but those to train on are 1 x 4");
}

}  // namespace
}  // namespace archlab
