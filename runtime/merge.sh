#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Copies a C library without what the runtime does in its place.
#
#   merge.sh LIBRARY RUNTIME OUTPUT
#
# Leaves out every member of LIBRARY that defines a function or variable which RUNTIME defines too.
# The order of libraries on the command line is not enough: a linker that takes a member of LIBRARY
# looks for what that needs in LIBRARY first.
set -eu
library=$1 runtime=$2 output=$3
names=$output.names
trap 'rm -f "$names" "$output.tmp"' EXIT

nm -g --defined-only "$runtime" 2>/dev/null | awk 'NF == 3 { print $3 }' >"$names"
replaced=$(nm -A -g --defined-only "$library" 2>/dev/null | awk -v names="$names" '
    BEGIN { while ((getline name < names) > 0) ours[name] = 1 }
    $NF in ours { split($1, part, ":"); member[part[2]] = 1 }
    END { for (m in member) print m }' | sort)
cp "$library" "$output.tmp"
# shellcheck disable=SC2086 # a list of members, without spaces
[ -z "$replaced" ] || ar dD "$output.tmp" $replaced
ranlib -D "$output.tmp"
mv "$output.tmp" "$output"
