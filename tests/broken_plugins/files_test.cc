// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Files that are refused before any of their code runs.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstring>

#include "archlab/plugin.h"
#include "plugin_folder.h"
#include "registry/code_hash.h"
#include "registry/elf_file.h"
#include "registry/test_context.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using BrokenFileTest = PluginFolder;

TEST_F(BrokenFileTest, TheGoodOneIsAccepted) {
  Put("good");
  EXPECT_EQ(Refusal("good"), "");
  EXPECT_TRUE(Scan()->Create("attention", "good", "", BareContext()).ok());
}

TEST_F(BrokenFileTest, NoElfFile) {
  Write("text", "This is a text, and no shared library at all, is it?\n");
  Write("empty", "");
  Write("short", std::string(20, 'x'));
  Write("magic",
        "\x7f"
        "ELF");
  EXPECT_EQ(Refusal("text"), "not a shared library (no ELF file)");
  EXPECT_EQ(Refusal("empty"), "an empty file, not a shared library");
  EXPECT_EQ(Refusal("short"), "not a shared library (no ELF file)");
  EXPECT_THAT(Refusal("magic"), StartsWith("truncated: its header ends"));
  EXPECT_EQ(Scan()->Names().size(), 0);
}

TEST_F(BrokenFileTest, NoRegularFile) {
  fs::create_directory(PathOf("folder"));
  ASSERT_EQ(::mkfifo(PathOf("pipe").c_str(), 0600), 0);
  fs::create_symlink("nowhere", PathOf("dangling"));
  fs::create_symlink("loop.so", PathOf("loop"));
  EXPECT_EQ(Refusal("folder"), "not a regular file");
  EXPECT_EQ(Refusal("pipe"), "not a regular file");
  EXPECT_THAT(Refusal("dangling"), StartsWith("cannot be opened"));
  EXPECT_THAT(Refusal("loop"), StartsWith("cannot be opened"));
}

TEST_F(BrokenFileTest, TruncatedAnywhere) {
  const std::string whole = Bytes(Built("good"));
  for (size_t size = 1; size < whole.size(); size += 509) {
    Write("good", whole.substr(0, size));
    EXPECT_NE(Refusal("good"), "") << size;
  }
  Write("good", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(Refusal("good"),
              AllOf(StartsWith("truncated: its "),
                    HasSubstr("but the file has " +
                              std::to_string(whole.size() / 2) + " bytes")));
}

TEST_F(BrokenFileTest, AnotherMachine) {
  std::string bytes = Bytes(Built("good"));
  ElfW(Ehdr) header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  const ElfW(Ehdr) own = header;
  header.e_machine = EM_S390;
  std::memcpy(bytes.data(), &header, sizeof(header));
  Write("good", bytes);
  EXPECT_THAT(Refusal("good"), StartsWith("built for S/390, but this machine"));
  header = own;
  header.e_ident[EI_CLASS] = ELFCLASS32;
  std::memcpy(bytes.data(), &header, sizeof(header));
  Write("good", bytes);
  EXPECT_THAT(Refusal("good"), StartsWith("built for "));
}

TEST_F(BrokenFileTest, ProgramsAndOrdinaryLibraries) {
  fs::copy_file(ARCHLAB_PROGRAM, PathOf("program"));
  fs::copy_file(LibraryPath(), PathOf("library"));
  EXPECT_EQ(Refusal("program"), "a program, not a plugin");
  EXPECT_EQ(Refusal("library"),
            "a shared library, but not an archlab plugin: it has no archlab "
            "note. Build it with archlab_plugin()");
}

// The note of type `type` in the bytes of a plugin: where its header begins.
size_t FindNote(const std::string& bytes, uint32_t type) {
  const char name[8] = "archlab";
  size_t at = 0;
  while ((at = bytes.find(std::string(name, 8), at)) != std::string::npos) {
    uint32_t found = 0;
    if (at >= 12) std::memcpy(&found, bytes.data() + at - 4, 4);
    if (found == type) return at - 12;
    ++at;
  }
  ADD_FAILURE() << "no note";
  return 0;
}

TEST_F(BrokenFileTest, CorruptNotes) {
  const std::string good = Bytes(Built("good"));
  const size_t manifest = FindNote(good, 2);
  std::string bytes = good;
  bytes.replace(manifest + 20, 4, "\xff\xff\xff\xff");
  Write("good", bytes);
  EXPECT_EQ(Refusal("good"),
            "corrupt: its manifest cannot be parsed. Build it again");

  for (uint32_t size : {0xffffffffu, 0xfffffffcu, 0x7fffffffu, 100000u}) {
    bytes = good;
    std::memcpy(bytes.data() + manifest + 4, &size, 4);
    Write("good", bytes);
    EXPECT_THAT(Refusal("good"), StartsWith("corrupt: a note of ")) << size;
    bytes = good;
    std::memcpy(bytes.data() + manifest, &size, 4);
    Write("good", bytes);
    EXPECT_EQ(Refusal("good"),
              "corrupt: a note's name is longer than its segment. Build it "
              "again")
        << size;
  }
}

TEST_F(BrokenFileTest, WritableByEveryone) {
  const fs::path path = Put("good");
  fs::permissions(path, fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(
      Refusal("good"),
      AllOf(StartsWith("everyone may write to the file"),
            HasSubstr("chmod o-w"), HasSubstr("--allow-insecure-plugins")));
  EXPECT_TRUE(Scan(/*allow_insecure=*/true)->files()[0].status.ok());
  fs::permissions(path, fs::perms::others_write, fs::perm_options::remove);
  EXPECT_EQ(Refusal("good"), "");

  const fs::path folder = root_ / "attention";
  fs::permissions(folder, fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT(
      Refusal("good"),
      StartsWith("everyone may write to the directory " + folder.string()));
  // As in /tmp, where only the owner can replace a file.
  fs::permissions(folder, fs::perms::sticky_bit, fs::perm_options::add);
  EXPECT_EQ(Refusal("good"), "");
}

TEST_F(BrokenFileTest, BehindALinkFromAnOpenFolder) {
  fs::create_directories(root_ / "open");
  fs::copy_file(Built("good"), root_ / "open" / "x.so");
  fs::permissions(root_ / "open", fs::perms::others_write,
                  fs::perm_options::add);
  fs::create_symlink(root_ / "open" / "x.so", PathOf("good"));
  EXPECT_THAT(Refusal("good"),
              StartsWith("everyone may write to the directory"));
}

TEST_F(BrokenFileTest, AnotherAbi) {
  Put("wrong_sdk");
  Put("glibcxx_debug");
  Put("sanitizer");
  EXPECT_THAT(Refusal("wrong_sdk"),
              AllOf(StartsWith("built for another ABI (sdk 999 instead of " +
                               std::to_string(kSdkNumber) + ")"),
                    HasSubstr("Rebuild it"), HasSubstr("\n  plugin: sdk=999;"),
                    HasSubstr("\n  host:   sdk=")));
  EXPECT_THAT(Refusal("glibcxx_debug"),
              HasSubstr("(glibcxx_debug 1 instead of 0"));
  EXPECT_THAT(Refusal("sanitizer"), HasSubstr("sanitizer "));
}

TEST_F(BrokenFileTest, WrongManifests) {
  Put("old_revision");
  Put("unknown_kind");
  Put("no_config_type");
  EXPECT_THAT(Refusal("old_revision"),
              StartsWith("built for revision 0 of the interface 'attention'; "
                         "this host knows 1 to "));
  EXPECT_THAT(Refusal("unknown_kind"),
              HasSubstr("intention/unknown_kind is of an unknown kind"));
  EXPECT_THAT(Refusal("no_config_type"),
              HasSubstr("the config type 'broken.attention.Nothing' of "
                        "attention/no_config_type is not in its descriptors"));
}

TEST_F(BrokenFileTest, ClashesLeaveTheFirstAlone) {
  const fs::path good = Put("good");
  Put("same_id");
  Put("same_message");
  Put("same_proto");
  EXPECT_EQ(Refusal("same_id"), "has the id 'broken.attention.good' of " +
                                    good.string() + ". Remove one of the two");
  EXPECT_THAT(Refusal("same_message"),
              AllOf(HasSubstr("proto clash"),
                    HasSubstr("broken.attention.good_config")));
  EXPECT_EQ(Refusal("same_proto"),
            "the proto file 'plugins/attention/good/config.proto' is taken");
  const auto catalogue = Scan();
  EXPECT_THAT(catalogue->Names(), ElementsAre("attention/good"));
  EXPECT_NE(catalogue->ConfigType("attention", "good"), nullptr);
}

TEST_F(BrokenFileTest, StrippedOfEverythingStillGood) {
  fs::copy_file(Built("good"), PathOf("good"));
  ASSERT_EQ(
      std::system(("strip --strip-all " + PathOf("good").string()).c_str()), 0);
  EXPECT_EQ(Refusal("good"), "");
  EXPECT_TRUE(Scan()->Create("attention", "good", "", BareContext()).ok());
}

}  // namespace
}  // namespace archlab
