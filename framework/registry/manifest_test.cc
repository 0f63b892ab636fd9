// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "registry/manifest.h"

#include <gmock/gmock.h>
#include <google/protobuf/compiler/importer.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "registry/comments.h"
#include "registry/manifest_check.h"

namespace archlab {
namespace {

namespace pb = google::protobuf;
using ::testing::AllOf;
using ::testing::HasSubstr;

// The manifest of a .proto given as text, as the build would make it.
absl::StatusOr<Manifest> Make(const std::string& body,
                              const std::string& package = "acme.attention",
                              const std::string& name = "soft") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "manifest_test";
  fs::create_directories(folder);
  std::ofstream(folder / "soft.proto")
      << "syntax = \"proto2\";\npackage " << package
      << ";\nimport \"archlab/plugin.proto\";\n"
      << "import \"google/protobuf/any.proto\";\n"
      << body;
  pb::compiler::DiskSourceTree tree;
  tree.MapPath("plugins/attention/soft", folder.string());
  tree.MapPath("", ARCHLAB_SOURCE_DIR "/protos");
  tree.MapPath("", "/usr/include");
  pb::compiler::Importer importer(&tree, nullptr);
  const pb::FileDescriptor* file =
      importer.Import("plugins/attention/soft/soft.proto");
  if (!file) return absl::InternalError("test's own .proto does not compile");
  // By way of bytes, as from protoc: so that the options become known ones.
  pb::FileDescriptorProto proto;
  file->CopyTo(&proto);
  file->CopySourceCodeInfoTo(&proto);
  ManifestRequest request;
  request.descriptors.add_file()->ParseFromString(proto.SerializeAsString());
  request.kind = "attention";
  request.name = name;
  request.version = "1.2.3";
  request.proto_path = "soft.proto";
  return MakeManifest(request);
}

const std::string kOption =
    "  option (archlab.component) = { kind: \"attention\" name: \"soft\" };\n";
const std::string kHead = "// Soft.\nmessage SoftConfig {\n" + kOption;

std::string Fault(const std::string& body,
                  const std::string& package = "acme.attention") {
  return std::string(Make(body, package).status().message());
}

TEST(ManifestTest, HoldsWhatTheProtoSays) {
  const auto manifest = Make(
      "// Soft attention: it is\n// soft. And more.\nmessage SoftConfig {\n"
      "  option (archlab.component) = { kind: \"attention\" name: \"soft\"\n"
      "    source: \"arXiv:1\" traits: { causal: true } };\n"
      "  // How much.\n  optional double much = 1 [default = 2];\n}\n");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->id(), "acme.attention.soft");
  EXPECT_EQ(manifest->version(), "1.2.3");
  ASSERT_EQ(manifest->components_size(), 1);
  EXPECT_EQ(manifest->components(0).summary(), "Soft attention: it is soft.");
  EXPECT_EQ(manifest->components(0).config_type(), "acme.attention.SoftConfig");
  EXPECT_EQ(manifest->components(0).source(), "arXiv:1");
  EXPECT_TRUE(manifest->components(0).traits().causal());
  EXPECT_TRUE(CheckManifest(*manifest).ok());
}

TEST(ManifestTest, FaultsAreLocated) {
  EXPECT_EQ(Fault(kHead + "  optional int32 n = 1;\n}\n"),
            "soft.proto:8:3: field 'n' has no comment; write one above it, it "
            "becomes the documentation");
}

TEST(ManifestTest, AllFaultsAtOnce) {
  EXPECT_THAT(Fault("message SoftConfig {\n" + kOption +
                    "  optional int32 n = 1;\n}\n"),
              AllOf(HasSubstr("message 'SoftConfig' has no comment"),
                    HasSubstr("field 'n' has no comment")));
}

TEST(ManifestTest, PackageNamesVendorAndKind) {
  EXPECT_THAT(Fault(kHead + "}\n", "acme"),
              HasSubstr("soft.proto:2:1: the package is 'acme'"));
  EXPECT_THAT(Fault(kHead + "}\n", "acme.norm"),
              HasSubstr("'<vendor>.attention'"));
  EXPECT_THAT(Fault(kHead + "}\n", "a.b.attention"), HasSubstr("the package"));
  EXPECT_EQ(Fault(kHead + "}\n"), "");
}

TEST(ManifestTest, ExactlyOneConfigMessage) {
  EXPECT_THAT(Fault("// S.\nmessage SoftConfig {}\n"),
              HasSubstr("no message has the option (archlab.component)"));
  EXPECT_THAT(Fault(kHead + "}\n// T.\nmessage T {\n" + kOption + "}\n"),
              HasSubstr("'SoftConfig' has it already"));
}

TEST(ManifestTest, NameIsTheBuilds) {
  EXPECT_THAT(
      std::string(
          Make(kHead + "}\n", "acme.attention", "hard").status().message()),
      HasSubstr(
          "says attention/soft, but archlab_plugin() says attention/hard"));
}

TEST(ManifestTest, EnumsDoNotSpillTheirNames) {
  EXPECT_THAT(
      Fault(kHead + "}\n// E.\nenum TheMode {\n  // N.\n  NONE = 0;\n}\n"),
      HasSubstr("must begin with 'THE_MODE_'"));
  EXPECT_EQ(
      Fault(kHead +
            "}\n// E.\nenum TheMode {\n  // N.\n  THE_MODE_NONE = 0;\n}\n"),
      "");
  EXPECT_EQ(Fault(kHead +
                  "  // E.\n  enum Mode {\n    // N.\n    NONE = 0;\n  }\n}\n"),
            "");
}

TEST(ManifestTest, RangesMakeSense) {
  const auto field = [](const std::string& rest) {
    return Fault(kHead + "  // F.\n  optional " + rest + ";\n}\n");
  };
  EXPECT_THAT(field("int32 n = 1 [default = 0, (archlab.range) = {min: 1}]"),
              HasSubstr("default 0, which is outside its range"));
  EXPECT_THAT(field("double n = 1 [default = 1, (archlab.range) = {max: 1 "
                    "exclusive_max: true}]"),
              HasSubstr("outside its range"));
  EXPECT_THAT(field("bool n = 1 [(archlab.range) = {min: 1}]"),
              HasSubstr("is no number"));
  EXPECT_THAT(field("int32 n = 1 [(archlab.range) = {min: 2 max: 1}]"),
              HasSubstr("which is empty"));
  EXPECT_EQ(field("int32 n = 1 [default = 1, (archlab.range) = {min: 1}]"), "");
}

TEST(ManifestTest, PartsNameTheirKind) {
  const auto field = [](const std::string& rest) {
    return Fault(kHead + "  // F.\n  optional " + rest + ";\n}\n");
  };
  EXPECT_THAT(field("google.protobuf.Any part = 1"),
              HasSubstr("name its kind"));
  EXPECT_THAT(field("google.protobuf.Any part = 1 [(archlab.kind) = \"nrom\"]"),
              HasSubstr("name its kind"));
  EXPECT_EQ(field("google.protobuf.Any part = 1 [(archlab.kind) = \"norm\"]"),
            "");
  EXPECT_THAT(field("int32 part = 1 [(archlab.kind) = \"norm\"]"),
              HasSubstr("is no google.protobuf.Any"));
}

TEST(ManifestTest, RequiredIsAnOption) {
  EXPECT_THAT(Fault(kHead + "  // F.\n  required int32 n = 1;\n}\n"),
              HasSubstr("[(archlab.required) = true]"));
}

TEST(ManifestTest, NoteSourceHoldsTheBytes) {
  Manifest manifest;
  manifest.set_id("A");
  // Field 1, length 1, 'A'.
  EXPECT_THAT(NoteSource(manifest),
              HasSubstr("ARCHLAB_PLUGIN_NOTES(3,\n    10,1,65)"));
}

TEST(ManifestPoolTest, ARefusedManifestLeavesNoTrace) {
  const auto file = [](const std::string& name, const std::string& message) {
    Manifest manifest;
    auto* proto = manifest.mutable_descriptors()->add_file();
    proto->set_name(name);
    proto->set_package("acme");
    proto->add_message_type()->set_name(message);
    return manifest;
  };
  ManifestPool pool;
  ASSERT_TRUE(pool.Add(file("a.proto", "A")).ok());
  // The same file again; the same name in another file; a good file, then a
  // clash, in one manifest.
  EXPECT_EQ(pool.Add(file("a.proto", "A")).message(),
            "the proto file 'a.proto' is taken");
  EXPECT_THAT(std::string(pool.Add(file("b.proto", "A")).message()),
              HasSubstr("acme.A"));
  Manifest both = file("c.proto", "C");
  *both.mutable_descriptors()->add_file() =
      file("d.proto", "A").descriptors().file(0);
  EXPECT_FALSE(pool.Add(both).ok());
  EXPECT_TRUE(pool.Add(file("b.proto", "B")).ok());
  const auto built = pool.Release();
  EXPECT_NE(built->FindMessageTypeByName("acme.A"), nullptr);
  EXPECT_NE(built->FindMessageTypeByName("acme.B"), nullptr);
  EXPECT_EQ(built->FindMessageTypeByName("acme.C"), nullptr);
  EXPECT_EQ(built->FindFileByName("c.proto"), nullptr);
}

// Two top-level enums of one package with a value of one name clash only when
// their descriptors are first used; the pool finds it at once.
TEST(ManifestPoolTest, FindsEnumValueClashes) {
  const auto file = [](const std::string& name, const std::string& type) {
    Manifest manifest;
    auto* proto = manifest.mutable_descriptors()->add_file();
    proto->set_name(name);
    proto->set_package("acme");
    auto* enum_type = proto->add_enum_type();
    enum_type->set_name(type);
    auto* value = enum_type->add_value();
    value->set_name("NONE");
    value->set_number(0);
    return manifest;
  };
  ManifestPool pool;
  ASSERT_TRUE(pool.Add(file("a.proto", "A")).ok());
  EXPECT_THAT(std::string(pool.Add(file("b.proto", "B")).message()),
              HasSubstr("\"acme.NONE\" is already defined"));
}

TEST(CommentsTest, FirstSentence) {
  EXPECT_EQ(FirstSentence("One. Two."), "One.");
  EXPECT_EQ(FirstSentence("Of arXiv:1.2, one"), "Of arXiv:1.2, one");
  EXPECT_EQ(FirstSentence(""), "");
}

}  // namespace
}  // namespace archlab
