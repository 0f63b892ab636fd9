// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A plugin; VARIANT_... says what is wrong with its code, if anything. Some
// throw on purpose: a plugin of others may.

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "archlab/attention.h"

int ArchlabGone();
int ArchlabNowhere();

namespace {

class Fixture final : public archlab::Attention {
 public:
  // Stands for a config message.
  struct Config {
    bool ParseFromArray(const char*, int) { return true; }
  };
  static absl::StatusOr<std::unique_ptr<Fixture>> Create(
      const Config&, const archlab::BuildContext&) {
#if defined(VARIANT_THROWS)
    throw std::runtime_error("boom in the factory");
#elif defined(VARIANT_THROWS_OTHER)
    throw 42;
#elif defined(VARIANT_RETURNS_NULL)
    return std::unique_ptr<Fixture>();
#elif defined(VARIANT_MISSING_DEPENDENCY)
    return ArchlabGone() ? std::make_unique<Fixture>() : nullptr;
#elif defined(VARIANT_UNDEFINED_SYMBOL)
    return ArchlabNowhere() ? std::make_unique<Fixture>() : nullptr;
#else
    return std::make_unique<Fixture>();
#endif
  }
};

// What happens while the plugin is loaded.
#if defined(VARIANT_STATIC_THROW)
[[maybe_unused]] const int at_load = (throw std::runtime_error("boom"), 0);
#elif defined(VARIANT_STATIC_EXIT)
[[maybe_unused]] const int at_load = (std::_Exit(7), 0);
#elif defined(VARIANT_STATIC_SIGNAL)
[[maybe_unused]] const int at_load = std::raise(SIGILL);
#elif defined(VARIANT_STATIC_HANG)
[[maybe_unused]] const int at_load = ::pause();
#endif

}  // namespace

#if defined(VARIANT_REGISTERS_OTHER)
#undef ARCHLAB_COMPONENT_NAME
#define ARCHLAB_COMPONENT_NAME "something_else"
#endif

#if defined(VARIANT_NO_SYMBOL)
extern "C" __attribute__((visibility("default"))) const int archlab_other = 1;
#elif defined(VARIANT_WRONG_ENTRY) || defined(VARIANT_WRONG_REVISION)
namespace {
constexpr archlab::ComponentEntry components[] = {
    {"attention", ARCHLAB_COMPONENT_NAME, 77,
     &archlab::internal::CreateComponent<Fixture>}};
}
#if defined(VARIANT_WRONG_ENTRY)
#define ENTRY_BYTES 8
#else
#define ENTRY_BYTES sizeof(archlab::PluginEntry)
#endif
extern "C" __attribute__((visibility("default"), used))
const archlab::PluginEntry archlab_plugin_v1 = {
    ENTRY_BYTES, archlab::kSdkNumber, components, 1};
#else
ARCHLAB_PLUGIN(Fixture)
#endif
