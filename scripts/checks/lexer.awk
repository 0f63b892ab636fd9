# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# A C++ lexer, as far as the checks need one. Other programs call strip(line)
# for each line and forget() at the start of a file.

function forget() { in_comment = 0; raw_end = "" }

# The line without comments. Strings and characters become an x, unless
# `keep_strings` is set. Keeps its state in `in_comment` and `raw_end` from
# line to line.
function strip(s,   out, c, two, at) {
  out = ""
  while (s != "") {
    if (raw_end != "") {
      at = index(s, raw_end)
      if (!at) return out
      s = substr(s, at + length(raw_end))
      raw_end = ""
      continue
    }
    if (in_comment) {
      at = index(s, "*/")
      if (!at) return out
      s = substr(s, at + 2)
      in_comment = 0
      continue
    }
    c = substr(s, 1, 1)
    two = substr(s, 1, 2)
    if (two == "//") return out
    if (two == "/*") { in_comment = 1; s = substr(s, 3); continue }
    if (two == "R\"") {
      at = index(s, "(")
      raw_end = ")" substr(s, 3, at - 3) "\""
      s = substr(s, at + 1)
      out = out "x"
      continue
    }
    if (c == "\"" || (c == "'" && out !~ /[0-9a-fA-F]$/)) {
      two = skip_quoted(s, c)
      out = out (keep_strings ? substr(s, 1, length(s) - length(two)) : "x")
      s = two
      continue
    }
    out = out c
    s = substr(s, 2)
  }
  return out
}

# s after the string or character that it begins with.
function skip_quoted(s, quote,   i, c) {
  for (i = 2; i <= length(s); ++i) {
    c = substr(s, i, 1)
    if (c == "\\") ++i
    else if (c == quote) return substr(s, i + 1)
  }
  return ""
}
