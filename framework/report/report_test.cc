// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
