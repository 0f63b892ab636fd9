#!/bin/sh
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# out_of_tree_plugin_test.sh BUILD_DIRECTORY [KIND...]: installs the build into a
# temporary prefix and is an outside author there, once a kind, or once a
# template where no kind is given. The build must be complete.
set -eu

build=$1
shift
sources=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
export OMP_NUM_THREADS=1 CMAKE_PREFIX_PATH=$prefix CMAKE_GENERATOR=Ninja
# Nothing of this user's or of the build may help.
export XDG_DATA_HOME=$work/nothing
unset ARCHLAB_PLUGIN_PATH

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$prefix" > "$work/install.log" || {
  cat "$work/install.log"
  fail "cmake --install"
}
archlab=$prefix/bin/archlab
"$archlab" plugins list > "$work/list"
grep -q '^attention/dense ' "$work/list" || fail "the installed archlab finds no plugins"

# The flags of the build, so that a sanitizer's build tests plugins of its own.
flags=$(sed -n 's/^CMAKE_CXX_FLAGS_RELWITHDEBINFO:[A-Z]*=//p' "$build/CMakeCache.txt")
type=$(sed -n 's/^CMAKE_BUILD_TYPE:[A-Z]*=//p' "$build/CMakeCache.txt")

# Every kind has a template, or is told a component of the sources to begin with.
templates=
for kind in $(sed -n 's,^\([a-z_]*\)/.*,\1,p' "$work/list" | sort -u); do
  if "$archlab" plugins new "$kind" "demo_$kind" "$work/demo_$kind" > /dev/null 2> "$work/error"; then
    templates="$templates $kind"
  else
    example=$(grep -o "plugins/$kind/[a-z_]*" "$work/error") || fail "no word on how to start a $kind"
    test -f "$sources/$example/${example##*/}.proto" || fail "there is no $example to start a $kind from"
  fi
done

for kind in ${*:-$templates}; do
  name=demo_$kind
  (
    cd "$work/$name"
    export CMAKE_BUILD_TYPE=$type CXXFLAGS=
    if [ "$type" = RelWithDebInfo ]; then CXXFLAGS=$flags; fi
    cmake --workflow --preset all > log 2>&1 || {
      tail -n 100 log
      fail "the new $kind does not build and pass"
    }
  )
  "$archlab" plugins check "$work/$name/build/plugins/$kind/$name.so" > /dev/null
  "$archlab" plugins list --plugin-path "$work/$name/build/plugins" | grep "^$kind/$name " >/dev/null ||
    fail "the new $kind is not listed"
  "$archlab" plugins describe "$kind/$name" --plugin-path "$work/$name/build/plugins" |
    grep "^Plugin:  acme.$kind.$name" >/dev/null || fail "the new $kind is not described"
  (
    cd "$work/$name"
    "$archlab" validate example.textproto --plugin-path build/plugins > /dev/null ||
      fail "the example spec of the new $kind is wrong"
    "$archlab" train example.textproto --plugin-path build/plugins > train.log 2>&1 || {
      cat train.log
      fail "the example of the new $kind does not train"
    }
  )
done
echo "all new plugins build, pass their suites and are found"
