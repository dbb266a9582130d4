#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# @TRIPLE@-ld: links a unikernel with the ordinary linker. Takes the linker's options, and
# -z solo5-abi=hvt|spt|virtio|xen|stub (or, in one word, -zsolo5-abi=...) for the target to link for; without
# it the objects are linked as they are, as for a partial link.
lib=$(dirname "$(dirname "$(readlink -f "$0")")")/lib/@TRIPLE@
abi=
n=$#
while [ "$n" -gt 0 ]; do
    arg=$1
    shift
    n=$((n - 1))
    word=${arg#-z}
    if [ "$arg" = -z ] && [ "$n" -gt 0 ]; then
        word=$1
        shift
        n=$((n - 1))
    fi
    case $arg-$word in
    -z*-solo5-abi=*) abi=${word#*=} ;;
    -z*-solo5*)
        echo "@TRIPLE@-ld: -z $word: no such option; there is solo5-abi=TARGET" >&2
        exit 1
        ;;
    -z-?*) set -- "$@" -z "$word" ;;
    *) set -- "$@" "$arg" ;;
    esac
done
linker=$(@CC@ -print-prog-name=ld)
[ -n "$abi" ] || exec "$linker" "$@"
[ -f "$lib/solo5_$abi.o" ] || {
    echo "@TRIPLE@-ld: -z solo5-abi=$abi: no such target here; there are:" \
        "$(cd "$lib" && echo solo5_*.o | sed 's/solo5_//g; s/\.o//g')" >&2
    exit 1
}
exec "$linker" -nostdlib -static -T "$lib/solo5_$abi.lds" -z max-page-size=0x1000 -z noexecstack \
    -z norelro --build-id=none --no-warn-rwx-segments "$@" "$lib/solo5_$abi.o" \
    "$lib/libsolo5c.a"
