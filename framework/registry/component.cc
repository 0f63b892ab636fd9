// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The key function of Component: its vtable lives here, once for all plugins.

#include "archlab/component.h"

namespace archlab {

Component::~Component() = default;

}  // namespace archlab
