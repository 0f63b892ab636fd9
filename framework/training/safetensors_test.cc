// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

std::string WithLength(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i)
    bytes[i] = static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

TensorFile Sample() {
  TensorFile file;
  file.tensors.push_back({"b", Tensor::From({2, 2}, {1, -2, 0.5, 4})});
  file.tensors.push_back({"a", Tensor::From({3}, {1, 2, 3}, DType::kBF16)});
  file.tensors.push_back({"empty", Tensor::Zeros({0, 4}, DType::kF64)});
  file.tensors.push_back({"i", Tensor::FromI32({1}, {-7})});
  file.metadata["format"] = "archlab";
  return file;
}

TEST(Safetensors, RoundTrip) {
  TestFolder folder;
  const auto sha256 = WriteSafetensors(folder / "a", Sample());
  ASSERT_TRUE(sha256.ok()) << sha256.status();
  std::string read_sha256;
  const auto read = ReadSafetensors(folder / "a", &read_sha256);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*sha256, Sha256Hex(ReadAll(folder / "a")));
  EXPECT_EQ(read_sha256, *sha256);
  EXPECT_EQ(read->metadata.at("format"), "archlab");
  ASSERT_EQ(read->tensors.size(), 4u);
  EXPECT_EQ(read->Find("b")->ToVector(), (std::vector<double>{1, -2, 0.5, 4}));
  EXPECT_EQ(read->Find("a")->dtype(), DType::kBF16);
  EXPECT_EQ(read->Find("a")->ToVector(), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(read->Find("empty")->shape(), Shape({0, 4}));
  EXPECT_EQ(read->Find("i")->At(0), -7);
  EXPECT_EQ(read->Find("c"), nullptr);
}

TEST(Safetensors, TheBytesAreThoseOfTheFormat) {
  TestFolder folder;
  TensorFile file;
  file.tensors.push_back({"w", Tensor::From({1}, {1})});
  ASSERT_TRUE(WriteSafetensors(folder / "w", file).ok());
  std::string header =
      R"({"w":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(ReadAll(folder / "w"),
            WithLength(header, std::string("\0\0\x80\x3f", 4)));
}

TEST(Safetensors, AnExistingFileIsNotOverwritten) {
  TestFolder folder;
  WriteAll(folder / "a", "mine");
  EXPECT_EQ(WriteSafetensors(folder / "a", Sample()).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadAll(folder / "a"), "mine");
}

TEST(Safetensors, EveryTruncationIsRefused) {
  TestFolder folder;
  ASSERT_TRUE(WriteSafetensors(folder / "a", Sample()).ok());
  const std::string whole = ReadAll(folder / "a");
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    WriteAll(folder / "cut", whole.substr(0, bytes));
    const auto read = ReadSafetensors(folder / "cut");
    ASSERT_FALSE(read.ok()) << bytes;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("cut"));
  }
  WriteAll(folder / "long", whole + "x");
  EXPECT_FALSE(ReadSafetensors(folder / "long").ok());
}

struct Hostile {
  const char* header;
  const char* reason;
};

class HostileHeader : public testing::TestWithParam<Hostile> {};

TEST_P(HostileHeader, IsRefusedWithTheReason) {
  TestFolder folder;
  WriteAll(folder / "x", WithLength(GetParam().header, "12345678"));
  const auto read = ReadSafetensors(folder / "x");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr(folder / "x: not a whole safetensors file: "));
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileHeader,
    testing::Values(
        Hostile{"", "not a JSON object"}, Hostile{"[]", "not a JSON object"},
        Hostile{"{", "not a JSON object"}, Hostile{"{}", "tensors need 0"},
        Hostile{R"({"a":1})", "tensor 'a': its entry has not exactly"},
        Hostile{R"({"a":{"dtype":"F8","shape":[2],"data_offsets":[0,8]}})",
                R"(its dtype "F8" is not one of)"},
        Hostile{R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
                "it has 8 bytes, its shape [3] needs 12"},
        Hostile{R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
                "its shape holds a wrong length"},
        Hostile{R"({"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})",
                "its shape holds a wrong length"},
        Hostile{R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,2],)"
                R"("data_offsets":[0,8]}})",
                "its shape is not a list of up to 6"},
        Hostile{R"({"a":{"dtype":"F32","shape":[4611686018427387904,8],)"
                R"("data_offsets":[0,8]}})",
                "its shape overflows"},
        Hostile{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
                "not inside the 8 bytes"},
        Hostile{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99]}})",
                "not inside the 8 bytes"},
        Hostile{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                "tensors need 4"},
        Hostile{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                "begins at byte 4 of the data, not at 0"},
        Hostile{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                "begins at byte 4 of the data, not at 8"},
        Hostile{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                "names 'a' twice"},
        Hostile{R"({"__metadata__":{"x":1},)"
                R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                "metadata 'x' is not text"}));

TEST(Safetensors, HostileSizes) {
  TestFolder folder;
  WriteAll(folder / "x", std::string(8, '\xff') + "{}");
  EXPECT_THAT(std::string(ReadSafetensors(folder / "x").status().message()),
              HasSubstr("its header should have 18446744073709551615 bytes"));
  WriteAll(folder / "x", WithLength(std::string(100000, '['), ""));
  EXPECT_THAT(std::string(ReadSafetensors(folder / "x").status().message()),
              HasSubstr("nested too deeply"));
  EXPECT_EQ(ReadSafetensors(folder / "none").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadSafetensors(folder.path()).ok());
}

}  // namespace
}  // namespace archlab
