// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The note reader reads thousands of damaged plugins: it may accept or refuse,
// and must neither crash nor take memory by what a file claims.

#include <cstring>

#include "archlab/random.h"
#include "plugin_folder.h"
#include "registry/code_hash.h"
#include "registry/elf_file.h"
#include "registry/manifest_check.h"
#include "registry/plugin_note.h"

namespace archlab {
namespace {

class NoteFuzzTest : public PluginFolder {
 protected:
  NoteFuzzTest() : good_(Bytes(Built("good"))) {
    ElfW(Ehdr) header;
    std::memcpy(&header, good_.data(), sizeof(header));
    headers_end_ = header.e_phoff + header.e_phnum * header.e_phentsize;
  }

  // Changes a few places: mostly in the headers and the notes, where the
  // reader looks.
  std::string Mutated(Random random) const {
    std::string bytes = good_;
    const uint64_t changes = 1 + random.Below(8);
    for (uint64_t i = 0; i < changes; ++i) {
      const uint64_t reach =
          random.Below(4)
              ? std::min<uint64_t>(bytes.size(), headers_end_ + 2048)
              : bytes.size();
      const uint64_t at = random.Below(reach);
      switch (random.Below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random.NextU32());
          break;
        case 1:
          bytes[at] ^= static_cast<char>(1 << random.Below(8));
          break;
        case 2:  // a number at the edge of its range
          for (uint64_t j = at; j < std::min<uint64_t>(at + 8, bytes.size());
               ++j)
            bytes[j] = random.Below(2) ? '\xff' : '\0';
          break;
        default:
          bytes.resize(
              std::max<uint64_t>(1, random.Below(8) ? bytes.size() : at));
      }
      if (at >= bytes.size()) break;
    }
    return bytes;
  }

  std::string good_;
  uint64_t headers_end_ = 0;
};

TEST_F(NoteFuzzTest, SurvivesMutations) {
  int accepted = 0, refused = 0;
  for (uint64_t i = 0; i < 5000; ++i) {
    const std::filesystem::path path =
        Write("good", Mutated(Random(1, i, SiteHash("fuzz"))));
    const auto notes = ReadPluginNotes(path.string(), false);
    if (notes.ok() && CheckManifest(notes->manifest).ok()) {
      ManifestPool pool;
      accepted += pool.Add(notes->manifest).ok();
    } else {
      EXPECT_FALSE(!notes.ok() && notes.status().message().empty());
      ++refused;
    }
    (void)CodeSha256(path.string());
  }
  // The mutations do hit what matters, and not always.
  EXPECT_GT(refused, 1000);
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace archlab
