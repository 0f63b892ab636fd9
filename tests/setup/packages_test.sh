#!/bin/bash
# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Compares scripts/packages.txt with what a finished build used: the headers
# that its compilations read (ninja's log), the CMake packages it found, the
# libraries its binaries need, and the tools it ran. Whatever of it belongs to
# a Debian package must come from a listed one or from what that one depends
# on; and each listed package must have been used.
#
#   packages_test.sh SOURCE_DIR BUILD_DIR

set -euo pipefail
source_dir=$1 build_dir=$2
cd "$build_dir"
if ! command -v dpkg-query >/dev/null || [[ ! -f build.ninja ]]; then
  echo "skipped: needs dpkg and a Ninja build" && exit 77
fi

# Names of the packages that own the paths on the standard input. A merged
# /usr knows a library under one of two names.
owners() {
  sed 's|^/usr/\(lib\|bin\)/|/\1/|' | sort -u | awk '{ print; print "/usr" $0; }' |
    xargs -r dpkg-query -S 2>/dev/null | grep -v '^diversion' | cut -d: -f1 | tr -d ' ' | tr , '\n' | sort -u || true
}

headers() { ninja -t deps | sed -n 's/^ *\(\/usr\/.*\)/\1/p' | sort -u; }

cmake_packages() {
  sed -n 's#^[A-Za-z0-9_]*_\(DIR\|LIBRARY\):[A-Z]*=\(/usr/.*\)#\2#p' CMakeCache.txt
}

pkg_config_files() {
  local module
  for module in $(sed -n 's/^[A-Z0-9]*_MODULE_NAME:INTERNAL=//p' CMakeCache.txt); do
    echo "$(pkg-config --variable=pcfiledir "$module")/$module.pc"
  done
}

# What the dynamic linker would load for our own binaries, asked by them alone.
needed_libraries() {
  local binary soname
  for binary in $(find bin lib -type f \( -name '*.so*' -o -perm -u+x \)); do
    readelf -d "$binary" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
  done | sort -u | grep -vE '^libarchlab|^lib(asan|ubsan|tsan)\.' | while read -r soname; do
    # awk reads to the end: a pipe that closes early would fail this test.
    ldconfig -p | awk -v name="$soname" '$1 == name && !seen++ { print $NF }'
  done
}

tools() {
  sed -n -e 's/^CMAKE_\(COMMAND\|MAKE_PROGRAM\|CXX_COMPILER\):[A-Z]*=//p' \
    -e 's/^\(CCACHE\|PKG_CONFIG_EXECUTABLE\|Protobuf_PROTOC_EXECUTABLE\):[A-Z]*=//p' CMakeCache.txt
  command -v protoc g++ pkg-config
}

# closure PACKAGE...: the packages and all that they depend on, installed.
closure() {
  local known=" $* " queue=("$@") next package dependency
  while ((${#queue[@]})); do
    next=()
    while read -r dependency; do
      [[ "$known" == *" $dependency "* ]] || { known+="$dependency " && next+=("$dependency"); }
    done < <(dpkg-query -W -f '${Depends}, ${Pre-Depends}\n' "${queue[@]}" 2>/dev/null |
      tr ',|' '\n\n' | sed 's/ *\([^ (:]*\).*/\1/' | grep . | sort -u)
    queue=("${next[@]}")
  done
  tr ' ' '\n' <<<"$known" | grep . | sort -u
}

release=$(. /etc/os-release && echo "${VERSION_ID:-}")
bench=
grep -q '^ARCHLAB_BENCHMARKS:BOOL=ON' CMakeCache.txt && bench=bench
mapfile -t listed < <(awk -v here="build/$release" -v bench="$bench" \
  '$1 == "build" || $1 == here || $1 == bench { print $2 }' \
  "$source_dir/scripts/packages.txt")
used=$({ headers && cmake_packages && pkg_config_files && needed_libraries && tools; } | owners)
failures=0

brought=$(closure "${listed[@]}")
while read -r package; do
  grep -qxF "$package" <<<"$brought" ||
    { echo "the build uses $package, which no package of scripts/packages.txt brings" && failures=1; }
done <<<"$used"

# A package whose files were not touched is used if what it alone brings was:
# libboost-dev stands for libboost1.74-dev.
for package in "${listed[@]}"; do
  grep -qxF "$package" <<<"$used" && continue
  direct=$(dpkg-query -W -f '${Depends}' "$package" | tr ',|' '\n\n' | sed 's/ *\([^ (:]*\).*/\1/')
  others=$(printf '%s\n' "${listed[@]}")
  grep -vxF "$others" <<<"$direct" | grep -xF "$used" >/dev/null ||
    { echo "scripts/packages.txt lists $package, which the build does not use" && failures=1; }
done

echo "$(wc -l <<<"$used") packages used, ${#listed[@]} listed"
exit "$failures"
