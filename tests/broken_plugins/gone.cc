// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// A library that a plugin needs and that is not there when it is loaded.

int ArchlabGone() { return 1; }
