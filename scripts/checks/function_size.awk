# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Prints the functions that are longer than `limit` lines, signature and
# closing brace included. With lexer.awk strings and comments are gone, then
# braces are matched; a brace opens a
# function if its statement has a parameter list and is not a control
# statement inside another function. Lambdas count towards their function.

function opens_function(text) {
  if (text ~ /(^|[^a-zA-Z_])(namespace|class|struct|union|enum)[^()]*$/) return 0
  if (text ~ /(^|[^a-zA-Z_])extern[^()]*$/) return 0
  if (text ~ /=[^=()]*$/) return 0  # an initializer
  return text ~ /\)/
}

function report(   length_lines) {
  length_lines = FNR - start[depth] + 1
  if (length_lines > limit)
    printf "%s:%d: a function of %d lines; the limit is %d\n", FILENAME, start[depth], length_lines, limit
}

FNR == 1 { depth = 0; statement = ""; statement_line = 0; forget(); inside = 0; continued = 0 }

{
  code = strip($0)
  if (continued || code ~ /^[ \t]*#/) {
    continued = $0 ~ /\\$/
    next
  }
  n = length(code)
  for (i = 1; i <= n; ++i) {
    c = substr(code, i, 1)
    if (c == "{") {
      ++depth
      is_function[depth] = !inside && opens_function(statement)
      if (is_function[depth]) { start[depth] = statement_line; inside = depth }
      statement = ""
    } else if (c == "}") {
      if (is_function[depth]) { report(); inside = 0 }
      if (depth > 0) --depth
      statement = ""
    } else if (c == ";") {
      statement = ""
    } else if (c !~ /[ \t]/ || statement != "") {
      if (statement == "") statement_line = FNR
      statement = statement c
    }
  }
  if (statement != "") statement = statement " "
  if (statement ~ /^(public|private|protected) *: *$/) statement = ""
}
