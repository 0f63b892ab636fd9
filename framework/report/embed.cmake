# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Writes a C++ source that holds text files as constants:
#   cmake -DNAMES=kA,kB -DFILES=a,b -DOUTPUT=assets.cc -P embed.cmake
# References to source maps are left out: a browser would ask for them.
set(source "// Written by framework/report/embed.cmake.\n\n#include \"report/assets.h\"\n\nnamespace archlab::report {\n")
string(REPLACE "," ";" NAMES "${NAMES}")
string(REPLACE "," ";" FILES "${FILES}")
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(READ "${file}" text)
  string(REGEX REPLACE "(//# sourceMappingURL=[^\n]*|/\\*# sourceMappingURL=[^*]*\\*/)" "" text "${text}")
  string(FIND "${text}" ")embedded\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${file} contains )embedded\", which ends its constant")
  endif()
  string(APPEND source "\nconst absl::string_view ${name} = R\"embedded(${text})embedded\";\n")
endforeach()
string(APPEND source "\n}  // namespace archlab::report\n")
file(WRITE "${OUTPUT}" "${source}")
