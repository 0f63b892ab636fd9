// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "registry/catalogue.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "archlab/attention.h"
#include "registry/plugin_note.h"
#include "registry/test_context.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const char kBuilt[] = ARCHLAB_BUILD_DIR "/lib/archlab/plugins";

// A folder of plugins of its own, gone with the test.
class CatalogueTest : public ::testing::Test {
 protected:
  CatalogueTest() {
    std::string name =
        (fs::temp_directory_path() / "catalogue_XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~CatalogueTest() override { fs::remove_all(root_); }

  // Copies a built plugin to <root>/<directory>/<component>.so.
  fs::path Put(const std::string& directory, const std::string& component,
               const std::string& from) {
    const fs::path to = root_ / directory / (component + ".so");
    fs::create_directories(to.parent_path());
    fs::copy_file(fs::path(kBuilt) / (from + ".so"), to);
    return to;
  }
  std::unique_ptr<Catalogue> Scan(const std::vector<std::string>& directories) {
    SearchPath path;
    for (const std::string& each : directories)
      path.directories.push_back((root_ / each).string());
    return Catalogue::Scan(path);
  }

  fs::path root_;
};

TEST_F(CatalogueTest, KnowsComponentsFromTheirNotes) {
  Put("a", "attention/dense", "attention/dense");
  Put("a", "attention/sliding_window", "attention/sliding_window");
  const auto catalogue = Scan({"a"});
  EXPECT_THAT(catalogue->Names(),
              ElementsAre("attention/dense", "attention/sliding_window"));
  EXPECT_THAT(catalogue->Names("norm"), IsEmpty());
  const ComponentManifest* window =
      catalogue->Find("attention", "sliding_window");
  ASSERT_NE(window, nullptr);
  EXPECT_EQ(window->config_type(), "archlab.attention.SlidingWindowConfig");
  EXPECT_EQ(window->interface_revision(), Attention::kInterfaceRevision);
  EXPECT_EQ(window->source(), "Longformer, arXiv:2004.05150, section 3.1");
  EXPECT_EQ(window->summary(),
            "Sliding-window attention: a query sees the keys less than "
            "`window` away, itself included.");
  EXPECT_TRUE(window->traits().causal());
  EXPECT_FALSE(window->traits().cross());
  const PluginFile* file = catalogue->Provider("attention", "sliding_window");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->manifest.id(), "archlab.attention.sliding_window");
  EXPECT_EQ(file->manifest.licence(), "MIT");
}

TEST_F(CatalogueTest, ConfigTypesCarryDefaultRangeUnitAndComment) {
  Put("a", "attention/sliding_window", "attention/sliding_window");
  const auto catalogue = Scan({"a"});
  const auto* type = catalogue->ConfigType("attention", "sliding_window");
  ASSERT_NE(type, nullptr);
  const auto* window = type->FindFieldByName("window");
  ASSERT_NE(window, nullptr);
  EXPECT_EQ(window->default_value_int32(), 256);
  EXPECT_EQ(window->options().GetExtension(range).min(), 1);
  EXPECT_EQ(window->options().GetExtension(unit), "tokens");
  google::protobuf::SourceLocation comment;
  ASSERT_TRUE(window->GetSourceLocation(&comment));
  EXPECT_THAT(comment.leading_comments, HasSubstr("How far a query sees"));
  EXPECT_EQ(catalogue->ConfigType("attention", "dense"), nullptr);
}

TEST_F(CatalogueTest, MakesComponents) {
  Put("a", "attention/sliding_window", "attention/sliding_window");
  const auto catalogue = Scan({"a"});
  // Field 1, varint 3.
  const std::string config("\x08\x03", 2);
  const auto made =
      catalogue->Create("attention", "sliding_window", config, BareContext());
  ASSERT_TRUE(made.ok()) << made.status();
  const auto& attention = static_cast<const Attention&>(**made);
  EXPECT_TRUE(attention.Sees(10, 8));
  EXPECT_FALSE(attention.Sees(10, 7));
  EXPECT_EQ(attention.MaxDistance(), 2);
}

TEST_F(CatalogueTest, MakesComponentsFromSeveralThreads) {
  Put("a", "attention/dense", "attention/dense");
  const auto catalogue = Scan({"a"});
  std::vector<std::thread> threads;
  std::atomic<int> made = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      made += catalogue->Create("attention", "dense", "", BareContext()).ok();
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(made, 8);
}

TEST_F(CatalogueTest, EarlierDirectoryShadowsLater) {
  const fs::path first = Put("a", "attention/dense", "attention/dense");
  const fs::path second = Put("b", "attention/dense", "attention/dense");
  const auto catalogue = Scan({"a", "b"});
  ASSERT_EQ(catalogue->files().size(), 2);
  EXPECT_FALSE(catalogue->files()[0].shadowed);
  EXPECT_TRUE(catalogue->files()[1].shadowed);
  EXPECT_TRUE(catalogue->files()[1].status.ok());
  EXPECT_EQ(catalogue->Provider("attention", "dense")->path, first);
  EXPECT_EQ(Scan({"b", "a"})->Provider("attention", "dense")->path, second);
}

TEST_F(CatalogueTest, ARefusedFileIsNotReplacedByALaterDirectory) {
  const fs::path broken = Put("a", "attention/dense", "attention/dense");
  fs::resize_file(broken, 100);
  const fs::path later = Put("b", "attention/dense", "attention/dense");
  Put("b", "attention/sliding_window", "attention/sliding_window");
  const auto catalogue = Scan({"a", "b"});
  EXPECT_THAT(catalogue->Names(), ElementsAre("attention/sliding_window"));
  EXPECT_TRUE(catalogue->files()[1].shadowed);
  EXPECT_THAT(
      std::string(catalogue->WhyMissing("attention", "dense").message()),
      AllOf(HasSubstr(broken.string() + ", which was refused"),
            HasSubstr(later.string() + " has it too")));
  // After a good one it changes nothing.
  EXPECT_EQ(Scan({"b", "a"})->Provider("attention", "dense")->path, later);
}

TEST_F(CatalogueTest, ACopyUnderAnotherNameIsRefused) {
  Put("a", "attention/dense", "attention/dense");
  Put("a", "attention/other", "attention/dense");
  const auto catalogue = Scan({"a"});
  EXPECT_THAT(catalogue->Names(), ElementsAre("attention/dense"));
  EXPECT_THAT(std::string(catalogue->files()[1].status.message()),
              AllOf(HasSubstr("holds attention/dense"), HasSubstr("Rename")));
}

TEST_F(CatalogueTest, SymbolicLinksAreFollowed) {
  const fs::path real = Put("store", "attention/dense", "attention/dense");
  fs::create_directories(root_ / "a" / "attention");
  fs::create_symlink(real, root_ / "a" / "attention" / "dense.so");
  const auto catalogue = Scan({"a", "store"});
  EXPECT_THAT(catalogue->Names(), ElementsAre("attention/dense"));
  EXPECT_TRUE(catalogue->files()[1].shadowed);
  EXPECT_TRUE(catalogue->Create("attention", "dense", "", BareContext()).ok());
}

TEST_F(CatalogueTest, SaysWhyAComponentIsMissing) {
  Put("a", "attention/dense", "attention/dense");
  const fs::path open =
      Put("a", "attention/sliding_window", "attention/sliding_window");
  fs::permissions(open, fs::perms::others_write, fs::perm_options::add);
  const auto catalogue = Scan({"a", "nowhere"});
  const auto why = [&](const char* kind, const char* name) {
    const absl::Status status = catalogue->WhyMissing(kind, name);
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    return std::string(status.message());
  };
  EXPECT_THAT(why("atention", "dense"), HasSubstr("Did you mean 'attention'?"));
  EXPECT_THAT(why("attention", "dence"), HasSubstr("Did you mean 'dense'?"));
  EXPECT_THAT(why("attention", "sliding_window"),
              AllOf(HasSubstr(open.string()),
                    HasSubstr("refused: everyone may write")));
  EXPECT_THAT(why("norm", "rms_norm"),
              HasSubstr("nowhere (no such directory)"));
  EXPECT_EQ(catalogue->Create("attention", "dence", "", BareContext())
                .status()
                .message(),
            why("attention", "dence"));
}

TEST_F(CatalogueTest, NoticesAReplacedFile) {
  const fs::path path = Put("a", "attention/dense", "attention/dense");
  const auto catalogue = Scan({"a"});
  fs::remove(path);
  fs::copy_file(fs::path(kBuilt) / "attention" / "sliding_window.so", path);
  EXPECT_THAT(
      std::string(catalogue->Create("attention", "dense", "", BareContext())
                      .status()
                      .message()),
      HasSubstr("was replaced"));
}

TEST(SearchPathTest, OrderOfDirectories) {
  ::setenv("ARCHLAB_PLUGIN_PATH", "/env/one::/env/two", 1);
  ::setenv("XDG_DATA_HOME", "/data", 1);
  const SearchPath path = SearchPath::Default({"/option"});
  EXPECT_THAT(path.directories, ElementsAre("/option", "/env/one", "/env/two",
                                            "/data/archlab/plugins", kBuilt));
  EXPECT_THAT(path.missing, ElementsAre("/env/one", "/env/two"));
  ::unsetenv("XDG_DATA_HOME");
  ::setenv("HOME", "/home/someone", 1);
  EXPECT_THAT(SearchPath::Default({}).directories,
              Contains("/home/someone/.local/share/archlab/plugins"));
}

TEST(SearchPathTest, NeverTheWorkingDirectory) {
  ::setenv("ARCHLAB_PLUGIN_PATH", "::", 1);
  ::setenv("XDG_DATA_HOME", "relative", 1);
  ::setenv("HOME", "", 1);
  EXPECT_THAT(SearchPath::Default({""}).directories, ElementsAre(kBuilt));
}

TEST(SplitComponentTest, WantsKindAndName) {
  absl::string_view kind, name;
  ASSERT_TRUE(SplitComponent("attention/dense", &kind, &name));
  EXPECT_EQ(kind, "attention");
  EXPECT_EQ(name, "dense");
  for (const char* bad : {"", "/", "attention", "attention/", "/dense",
                          "type.googleapis.com/a/b", "a//b"})
    EXPECT_FALSE(SplitComponent(bad, &kind, &name)) << bad;
}

}  // namespace
}  // namespace archlab
