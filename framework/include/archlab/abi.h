// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What two objects must agree on to share C++ types, as a string: the SDK
// number, the layout choices of the C++ library, Protocol Buffers, Abseil and
// the sanitizer. Each plugin carries the tag of its own compilation in an ELF
// note; the host loads it only when the tag equals its own. This header also
// defines the notes; the build includes it, plugins need not.

#ifndef ARCHLAB_ABI_H_
#define ARCHLAB_ABI_H_

#include <cstddef>
#include <cstdint>
#include <string>  // defines the library's own macros

#include "absl/base/config.h"
#include "archlab/plugin.h"
#include "google/protobuf/stubs/common.h"

#define ARCHLAB_TEXT_(x) #x
#define ARCHLAB_TEXT(x) ARCHLAB_TEXT_(x)

#if defined(_LIBCPP_VERSION)
#define ARCHLAB_ABI_STDLIB "libc++"
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define ARCHLAB_ABI_STDLIB "libstdc++-cxx11"
#else
#define ARCHLAB_ABI_STDLIB "libstdc++-old"
#endif

#ifdef _GLIBCXX_DEBUG
#define ARCHLAB_ABI_DEBUG "1"
#else
#define ARCHLAB_ABI_DEBUG "0"
#endif

#ifdef ABSL_LTS_RELEASE_VERSION
#define ARCHLAB_ABI_ABSL ARCHLAB_TEXT(ABSL_LTS_RELEASE_VERSION)
#else
#define ARCHLAB_ABI_ABSL "head"
#endif

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define ARCHLAB_ABI_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define ARCHLAB_ABI_SANITIZER "thread"
#else
#define ARCHLAB_ABI_SANITIZER "none"
#endif

#define ARCHLAB_ABI_TAG \
  "sdk=" ARCHLAB_TEXT(ARCHLAB_SDK_NUMBER) ";stdlib="              \
  ARCHLAB_ABI_STDLIB ";glibcxx_debug=" ARCHLAB_ABI_DEBUG          \
  ";protobuf=" ARCHLAB_TEXT(GOOGLE_PROTOBUF_VERSION)              \
  ";absl=" ARCHLAB_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME)        \
  "/" ARCHLAB_ABI_ABSL ";sanitizer=" ARCHLAB_ABI_SANITIZER

namespace archlab {

// Types of the notes named kNoteName in a plugin.
inline constexpr char kNoteName[8] = "archlab";
inline constexpr uint32_t kAbiNote = 1;       // ARCHLAB_ABI_TAG, with its \0
inline constexpr uint32_t kManifestNote = 2;  // a serialized Manifest

// An ELF note as it lies in memory (System V ABI, "Note Section").
template <class Char, size_t kBytes>
struct PluginNote {
  uint32_t name_bytes;
  uint32_t contents_bytes;
  uint32_t type;
  char name[8];
  Char contents[(kBytes + 3) / 4 * 4];
};

}  // namespace archlab

// Puts both notes into the object. The argument is the manifest's size and its
// bytes.
#define ARCHLAB_PLUGIN_NOTES(size, ...)                                    \
  __attribute__((section(".note.archlab"), used, aligned(4)))              \
  const ::archlab::PluginNote<char, sizeof(ARCHLAB_ABI_TAG)>               \
      archlab_abi_note = {8, sizeof(ARCHLAB_ABI_TAG), ::archlab::kAbiNote, \
                          "archlab", ARCHLAB_ABI_TAG};                     \
  __attribute__((section(".note.archlab"), used, aligned(4)))              \
  const ::archlab::PluginNote<unsigned char, size>                         \
      archlab_manifest_note = {                                            \
          8, size, ::archlab::kManifestNote, "archlab", {__VA_ARGS__}};

#endif  // ARCHLAB_ABI_H_
