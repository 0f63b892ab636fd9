// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Plugins whose notes are in order and whose code is not.

#include <gmock/gmock.h>

#include <array>
#include <cstdio>

#include "plugin_folder.h"
#include "registry/test_context.h"

namespace archlab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BrokenCodeTest : public PluginFolder {
 protected:
  // The error of making the component; it names the file.
  std::string Failure(const std::string& variant) {
    const std::filesystem::path path = Put(variant);
    EXPECT_EQ(Refusal(variant), "");
    const absl::Status status =
        Scan()->Create("attention", variant, "", BareContext()).status();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(path.string()));
    return std::string(status.message());
  }

  // Output and exit status of `archlab plugins check`.
  std::pair<std::string, int> Check(const std::string& variant) {
    return Archlab("plugins check --seconds 2 " + Put(variant).string());
  }
  // Output and exit status of the program.
  static std::pair<std::string, int> Archlab(const std::string& arguments) {
    const std::string command =
        std::string(ARCHLAB_PROGRAM) + " " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    std::array<char, 256> part;
    while (std::fgets(part.data(), part.size(), pipe)) output += part.data();
    const int status = ::pclose(pipe);
    return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
  }
};

TEST_F(BrokenCodeTest, MissingEntry) {
  EXPECT_THAT(Failure("no_symbol"),
              AllOf(HasSubstr("does not export archlab_plugin_v1"),
                    HasSubstr("ARCHLAB_PLUGIN")));
  EXPECT_THAT(Failure("wrong_entry"), HasSubstr("Rebuild it"));
}

TEST_F(BrokenCodeTest, MissingLibrary) {
  EXPECT_THAT(Failure("missing_dependency"),
              AllOf(HasSubstr("libarchlab_gone.so"), HasSubstr("ldd ")));
}

TEST_F(BrokenCodeTest, UndefinedSymbol) {
  EXPECT_THAT(Failure("undefined_symbol"),
              AllOf(HasSubstr("ArchlabNowhere"), HasSubstr("rebuild it")));
}

TEST_F(BrokenCodeTest, RegistersSomethingElse) {
  EXPECT_THAT(Failure("registers_other"),
              HasSubstr("registers attention/something_else, which its "
                        "manifest does not promise"));
  EXPECT_THAT(Failure("promises_more"),
              HasSubstr("promises attention/and_more, but it does not "
                        "register it"));
  EXPECT_THAT(Failure("wrong_revision"),
              HasSubstr("registers revision 77 of the interface 'attention', "
                        "but its manifest says 1"));
}

TEST_F(BrokenCodeTest, FactoriesThatFail) {
  EXPECT_THAT(Failure("throws"),
              AllOf(StartsWith("attention/throws ("),
                    HasSubstr("threw an exception: boom in the factory")));
  EXPECT_THAT(Failure("throws_other"), HasSubstr("no std::exception"));
  EXPECT_THAT(Failure("returns_null"), HasSubstr("returned no component"));
}

// What a static initialiser does cannot be known without running it: check runs
// it in a process of its own.
TEST_F(BrokenCodeTest, CheckSurvivesStaticInitialisers) {
  const auto [throws, throws_status] = Check("static_throw");
  EXPECT_EQ(throws_status, 2);
  EXPECT_THAT(throws, AllOf(HasSubstr("with signal 6"), HasSubstr("boom")));
  const auto [exits, exits_status] = Check("static_exit");
  EXPECT_EQ(exits_status, 2);
  EXPECT_THAT(exits, HasSubstr("with status 7"));
  const auto [signals, signals_status] = Check("static_signal");
  EXPECT_EQ(signals_status, 2);
  EXPECT_THAT(signals, HasSubstr("loading it ends the process"));
  const auto [hangs, hangs_status] = Check("static_hang");
  EXPECT_EQ(hangs_status, 2);
  EXPECT_THAT(hangs, HasSubstr("did not end within 2 seconds"));
}

// If they ran it, the program would end with status 7.
TEST_F(BrokenCodeTest, ListAndDescribeRunNoPluginCode) {
  Put("static_exit");
  const std::string path = " --plugin-path " + root_.string();
  const auto [list, list_status] = Archlab("plugins list" + path);
  EXPECT_EQ(list_status, 0);
  EXPECT_THAT(list, HasSubstr("attention/static_exit"));
  const auto [about, about_status] =
      Archlab("plugins describe attention/static_exit" + path);
  EXPECT_EQ(about_status, 0);
  EXPECT_THAT(about, HasSubstr("broken.attention.static_exit"));
}

TEST_F(BrokenCodeTest, CheckNamesFileAndReasonOnce) {
  const auto [output, status] = Check("no_symbol");
  EXPECT_EQ(status, 2);
  const std::string path = PathOf("no_symbol").string();
  EXPECT_THAT(output, HasSubstr("archlab: " + path + ": does not export "));
  const auto [good, good_status] = Check("good");
  EXPECT_EQ(good_status, 0) << good;
  EXPECT_THAT(good, HasSubstr("ok: it loads"));
  EXPECT_THAT(good, HasSubstr("not checked here: what it computes"));
}

}  // namespace
}  // namespace archlab
