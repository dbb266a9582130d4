#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# @TRIPLE@-cc: compiles and links a unikernel with the ordinary C compiler. Takes the
# compiler's options, and:
#   -z solo5-abi=hvt|spt|virtio|xen|stub   link for that target (without it, against the stub)
#   -z solo5-runtime            with the C runtime: libc, threads, sockets
# Both may be written in one word, -zsolo5-abi=spt.
# It finds headers and libraries beside itself, so the whole prefix may be moved.
prefix=$(dirname "$(dirname "$(readlink -f "$0")")")
lib=$prefix/lib/@TRIPLE@
inc=$prefix/include
fail() {
    echo "@TRIPLE@-cc: $*" >&2
    exit 1
}

abi=stub runtime= link=yes language= input=
option() { # what follows -z: one of ours?
    case $1 in
    solo5-abi=*) abi=${1#*=} ;;
    solo5-runtime) runtime=yes ;;
    solo5*) fail "-z $1: no such option; there are solo5-abi=TARGET and solo5-runtime" ;;
    *) return 1 ;;
    esac
}
n=$#
while [ "$n" -gt 0 ]; do
    arg=$1
    shift
    n=$((n - 1))
    case $arg in
    -z)
        [ "$n" -gt 0 ] || fail "-z: an argument is missing"
        option "$1" || set -- "$@" -z "$1"
        shift
        n=$((n - 1))
        continue
        ;;
    -z?*)
        ! option "${arg#-z}" || continue
        ;;
    -c | -S | -E | -M | -MM | -fsyntax-only | -dump* | -print* | --print* | --help* | --version | -r) link= ;;
    -x?*) language=yes ;;
    -x | -o | -[ABDILTUeu] | -M[FTQ] | -include | -imacros | -isystem | -isysroot | -iquote | -idirafter | \
        -iprefix | -iwithprefix | -iwithprefixbefore | -Xlinker | -Xassembler | -Xpreprocessor | --param | -aux-info)
        # Their arguments are words of their own, and no files to compile.
        [ "$arg" != -x ] || language=yes
        if [ "$n" -gt 0 ]; then
            set -- "$@" "$arg" "$1"
            shift
            n=$((n - 1))
            continue
        fi
        ;;
    - | [!-]* | -l*) input=yes ;;
    esac
    set -- "$@" "$arg"
done
# Without one the compiler has something to say, and a link would only hide it.
[ -n "$input" ] || exec @CC@ "$@"

# The order of the headers is that of the search: the runtime's before the compiler's own.
set -- -isystem "$inc/solo5" -isystem "$(@CC@ -print-file-name=include)" "$@"
if [ -n "$runtime" ]; then
    set -- -D__QUINTET__ -isystem "$inc/@TRIPLE@/runtime" "$@"
else
    set -- -ffreestanding "$@"
fi
set -- @CFLAGS@ -nostdinc "$@"
if [ -n "$link" ]; then
    [ -f "$lib/solo5_$abi.o" ] ||
        fail "-z solo5-abi=$abi: no such target here; there are: $(cd "$lib" && echo solo5_*.o | sed 's/solo5_//g; s/\.o//g')"
    [ -z "$runtime" ] || [ -f "$lib/libsolo5rt.a" ] ||
        fail "-z solo5-runtime: the runtime was not built; see the end of ./configure.sh"
    set -- "$@" ${language:+-x none} @LDFLAGS@ -L"$lib" -Wl,-T,"$lib/solo5_$abi.lds" "$lib/solo5_$abi.o"
    if [ -n "$runtime" ]; then
        set -- "$@" -Wl,--start-group -lsolo5rt -llwip -lc -Wl,--end-group \
            "$(@CC@ -print-libgcc-file-name)"
    else
        set -- "$@" -lsolo5c
    fi
fi
exec @CC@ "$@"
