// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The plugin boundary: ARCHLAB_PLUGIN(T) at the end of a plugin's .cc exports
// the one symbol that the host looks for, `archlab_plugin_v1`.
//
// T derives from a kind (Attention, Norm, ...), names its config message as
// T::Config, and has either a constructor T(const Config&, const
// BuildContext&) or, to check its surroundings first, a
// static absl::StatusOr<std::unique_ptr<T>> Create(const Config&, const
// BuildContext&). The build (archlab_plugin() in CMake) supplies the name and
// the ABI note.

#ifndef ARCHLAB_PLUGIN_H_
#define ARCHLAB_PLUGIN_H_

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "archlab/component.h"

namespace archlab {

// Number of the SDK: goes up with every change of these headers that a built
// plugin could notice. Plugins of another number are refused.
#define ARCHLAB_SDK_NUMBER 5
inline constexpr int kSdkNumber = ARCHLAB_SDK_NUMBER;

// Makes a component from its serialized config.
using ComponentFactory = absl::StatusOr<std::unique_ptr<Component>> (*)(
    absl::string_view config, const BuildContext& context);

// One component of a plugin.
struct ComponentEntry {
  const char* kind;
  const char* name;
  int32_t interface_revision;
  ComponentFactory create;
};

// What `archlab_plugin_v1` is.
struct PluginEntry {
  uint32_t struct_size;  // sizeof(PluginEntry)
  uint32_t sdk_number;   // kSdkNumber
  const ComponentEntry* components;
  uint32_t component_count;
};

namespace internal {

template <class T>
concept HasCreate = requires(const typename T::Config& config,
                             const BuildContext& context) {
  T::Create(config, context);
};

template <class T>
absl::StatusOr<std::unique_ptr<Component>> CreateComponent(
    absl::string_view bytes, const BuildContext& context) {
  typename T::Config config;
  if (!config.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return absl::InternalError("the plugin cannot parse its own config");
  if constexpr (HasCreate<T>) {
    auto made = T::Create(config, context);
    if (!made.ok()) return made.status();
    return std::unique_ptr<Component>(std::move(made).value());
  } else {
    return std::unique_ptr<Component>(std::make_unique<T>(config, context));
  }
}

}  // namespace internal
}  // namespace archlab

#define ARCHLAB_PLUGIN(T)                                       \
  namespace {                                                   \
  constexpr ::archlab::ComponentEntry archlab_components[] = {  \
      {T::kKind, ARCHLAB_COMPONENT_NAME, T::kInterfaceRevision, \
       &::archlab::internal::CreateComponent<T>}};              \
  }                                                             \
  extern "C" __attribute__((visibility("default"), used))       \
  const ::archlab::PluginEntry archlab_plugin_v1 = {            \
      sizeof(::archlab::PluginEntry), ::archlab::kSdkNumber,    \
      archlab_components, 1};

#endif  // ARCHLAB_PLUGIN_H_
