# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Input: layers.txt, then lines `file:line:#include "header"`.

function complain(what) { print file ":" line ": " what }

# Layer of a header: a folder of framework/, or where the SDK's header belongs.
function layer_of(header,   stem) {
  if (header !~ /^archlab\//) return substr(header, 1, index(header, "/") - 1)
  stem = header
  sub(/^archlab\//, "", stem)
  sub(/\.h$/, "", stem)
  return stem in sdk_layer ? sdk_layer[stem] : "sdk"
}

# True if the header is a library's that not everybody may include.
function check_library(folder,   name) {
  for (name in pattern) {
    if (header !~ pattern[name]) continue
    if (index(users[name], " " folder " ") == 0)
      complain(folder "/ includes " header "; " name " is only for:" users[name])
    return 1
  }
  return 0
}

function check_plugin(path,   parts, own) {
  split(path, parts, "/")
  own = parts[3] ".pb.h"
  if (header ~ /^archlab\/[a-z0-9_]+\.h$/ || header ~ /^absl\// || header == own) return
  if (!quoted && header !~ /[.\/]/) return  # the standard library
  if (quoted && header ~ /^[a-z0-9_]+\.h$/) return  # the plugin's own folder
  if (path ~ /_test\.cc$/ && header ~ /^(gtest|gmock)\//) return
  if (parts[2] in special && header ~ special[parts[2]]) return
  if ((parts[2] "/" parts[3]) in special && header ~ special[parts[2] "/" parts[3]]) return
  complain("a plugin includes archlab/*.h, " own ", Abseil and std; not " header)
}

function check_framework(path,   parts, from, to) {
  split(path, parts, "/")
  from = parts[2]
  if (from == "include") from = layer_of("archlab/" parts[4])
  if (!(from in allowed)) { complain("folder " from "/ is not in layers.txt"); return }
  if (path ~ /(_test|_test_util|_benchmark)\.(cc|h)$/) return
  if (check_library(from) || !quoted || header ~ /^(absl|gtest|gmock)\//) return
  to = layer_of(header)
  if (to == from) return
  if (!(to in allowed)) complain("includes " header ", which is no folder of layers.txt")
  else if (index(allowed[from], " " to " ") == 0)
    complain(from "/ includes " header "; only these may be included here:" allowed[from])
}

FILENAME == ARGV[1] {
  if ($0 ~ /^#/ || NF == 0) next
  if ($1 == "library") {
    pattern[$2] = $3
    users[$2] = " "
    for (i = 4; i <= NF; ++i) users[$2] = users[$2] $i " "
  } else if ($1 == "plugin") {
    special[$3] = $2
  } else if ($2 == "=") {
    sdk_layer[$1] = $3
  } else {
    name = $1
    sub(/:$/, "", name)
    allowed[name] = " "
    for (i = 2; i <= NF; ++i) allowed[name] = allowed[name] $i " "
  }
  next
}

{
  split($0, place, ":")
  file = place[1]
  line = place[2]
  header = substr($0, length(file) + length(line) + 3)
  if (header !~ /["<]/) next
  quoted = header ~ /"/
  sub(/^[^"<]*["<]/, "", header)
  sub(/[">].*$/, "", header)
  if (header ~ /plugins\//) complain("nobody includes a plugin: " header)
  else if (file ~ /^plugins\//) check_plugin(file)
  else check_framework(file)
}
