#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Looks at this machine and writes build/config.mk, which GNUmakefile reads. Prints what will be
# built, what will not, and what to install for it.
set -eu

usage() {
    cat <<'USAGE'
usage: ./configure.sh [OPTION | VARIABLE=VALUE]...

  --prefix=DIR           install below DIR (default /usr/local)
  --enable-hvt, --disable-hvt          solo5-hvt and its bindings (Linux KVM)
  --enable-spt, --disable-spt          solo5-spt and its bindings (seccomp process)
  --enable-virtio, --disable-virtio    the bindings for machines with virtio devices
  --enable-xen, --disable-xen          the bindings for guests of Xen (PVH)
  --enable-runtime, --disable-runtime  the C runtime and the examples that use it
  --help

  CC=COMPILER            for the tenders and the unikernels (default cc)
  HOSTCC=COMPILER        for the tools that run during the build (default CC, or cc)
  PKG_CONFIG=COMMAND     (default pkg-config)

What is not named is enabled when all that it needs is there; what is enabled by name and cannot be
built is an error.
USAGE
}

die() {
    echo "configure.sh: $*" >&2
    exit 1
}

cd "$(dirname "$0")"
plain() { # WHAT, PATH: one that make can take
    case $2 in
    *[[:space:]\#\$%:\;\&\|\'\"\\]*) die "$1 $2: make takes no path with a space or one of # \$ % : ; & | ' \" \\; use another folder" ;;
    esac
}
plain 'the folder of the sources,' "$PWD"
prefix=/usr/local
hvt=auto spt=auto virtio=auto xen=auto runtime=auto
CC=${CC:-} HOSTCC=${HOSTCC:-} PKG_CONFIG=${PKG_CONFIG:-pkg-config}

for arg; do
    case $arg in
    --help) usage; exit 0 ;;
    --prefix=/*)
        prefix=${arg#*=}
        plain --prefix: "$prefix"
        ;;
    --prefix=*) die "$arg: the prefix must be an absolute path" ;;
    --enable-hvt) hvt=yes ;;
    --disable-hvt) hvt=no ;;
    --enable-spt) spt=yes ;;
    --disable-spt) spt=no ;;
    --enable-virtio) virtio=yes ;;
    --disable-virtio) virtio=no ;;
    --enable-xen) xen=yes ;;
    --disable-xen) xen=no ;;
    --enable-runtime) runtime=yes ;;
    --disable-runtime) runtime=no ;;
    CC=*) CC=${arg#*=} ;;
    HOSTCC=*) HOSTCC=${arg#*=} ;;
    PKG_CONFIG=*) PKG_CONFIG=${arg#*=} ;;
    *) die "$arg: unknown option; see ./configure.sh --help" ;;
    esac
done

CC=${CC:-cc}
HOSTCC=${HOSTCC:-$CC}
mkdir -p build
scratch=$(mktemp -d build/configure.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

compiles() { # COMPILER, program on standard input, FLAGS...
    compiler=$1
    shift
    cat >"$scratch/t.c"
    $compiler "$@" -o "$scratch/t" "$scratch/t.c" >/dev/null 2>&1
}

for compiler in "$CC" "$HOSTCC"; do
    echo 'int main(void) { return 0; }' | compiles "$compiler" ||
        die "$compiler: does not compile C; install it (Debian: apt install gcc libc6-dev) or name another with CC="
done
echo 'int f(void); int f(void) { return 0; }' | compiles "$CC" -c -Werror -fno-tree-loop-distribute-patterns \
    -mstack-protector-guard=global ||
    die "$CC: does not take the options that unikernels are compiled with; use gcc (CC=gcc)"
machine=$($CC -dumpmachine)
case $machine in
x86_64-*linux*) arch=x86_64 ;;
*) die "$CC makes programs for $machine; supported: x86_64 Linux" ;;
esac
echo 'int main(void) { return 0; }' | compiles "$CC" -static-pie ||
    die "$CC: cannot link a static-pie program; install the static C library (Debian: apt install libc6-dev)"
command -v "$PKG_CONFIG" >/dev/null 2>&1 ||
    die "$PKG_CONFIG: not found; install it (Debian: apt install pkg-config) or name another with PKG_CONFIG="

missing=
have() { # VARIABLE, pkg-config MODULE, Debian PACKAGE: adds to the configuration or to the missing
    if "$PKG_CONFIG" --exists "$2"; then
        echo "$1_CFLAGS := $("$PKG_CONFIG" --cflags "$2")" >>"$scratch/config.mk"
        echo "$1_LIBS := $("$PKG_CONFIG" --libs "$2")" >>"$scratch/config.mk"
        eval "have_$1=yes"
    else
        eval "have_$1=no"
        missing="$missing $3"
    fi
}
: >"$scratch/config.mk"
have SECCOMP libseccomp libseccomp-dev
have LIBELF libelf libelf-dev
have JANSSON jansson libjansson-dev
# Debian's libslirp-dev needs glib's .pc file but does not depend on it.
have SLIRP slirp 'libslirp-dev libglib2.0-dev'
have CHECK check check

kvm=no
echo '#include <linux/kvm.h>
int main(void) { return KVM_GET_STATS_FD != 0 ? 0 : 1; }' | compiles "$CC" && kvm=yes
[ $kvm = yes ] || missing="$missing linux-libc-dev"

header() { # HEADER: yes or no
    echo "#include <stdint.h>
#include <$1>" | compiles "$CC" -c && echo yes || echo no
}
have_virtio=$(header linux/virtio_ring.h)
[ $have_virtio = yes ] || missing="$missing linux-libc-dev"
have_xen=$(header xen/xen.h)
[ $have_xen = yes ] || missing="$missing libxen-dev"

decide() { # PART, WANTED, yes or no for "all it needs is there"
    case $2-$3 in
    yes-no) die "--enable-$1: cannot be built; install:$missing" ;;
    auto-yes | yes-yes) eval "$1=yes" ;;
    *) eval "$1=no" ;;
    esac
}
both() {
    [ "$1$2" = yesyes ] && echo yes || echo no
}
# Images need the elftool, so the elftool is not optional.
[ "$have_LIBELF$have_JANSSON" = yesyes ] ||
    die "solo5-elftool needs libelf and jansson; install:$missing"
decide hvt $hvt "$(both "$have_SECCOMP" $kvm)"
decide spt $spt "$have_SECCOMP"
decide virtio $virtio $have_virtio
decide xen $xen $have_xen
tools=yes
for tool in meson ninja xz; do
    command -v $tool >/dev/null 2>&1 || { tools=no; missing="$missing $tool"; }
done
decide runtime $runtime $tools

cat >>"$scratch/config.mk" <<CONFIG
CC := $CC
HOSTCC := $HOSTCC
ARCH := $arch
PREFIX := $prefix
CONFIG_HVT := $hvt
CONFIG_SPT := $spt
CONFIG_VIRTIO := $virtio
CONFIG_XEN := $xen
CONFIG_RUNTIME := $runtime
CONFIG_USERNET := $(both "$have_SLIRP" "$have_SECCOMP")
CONFIG_CHECK := $have_CHECK
CONFIG
# The same again leaves the file alone, and with it all that was built.
cmp -s "$scratch/config.mk" build/config.mk || mv "$scratch/config.mk" build/config.mk

report() {
    printf '  %-34s %s\n' "$1" "$2"
}
echo "Quintet for $arch, with $($CC --version | head -n 1)"
report "solo5-elftool, toolchain wrappers" yes
report "hvt (solo5-hvt, Linux KVM)" $hvt
report "spt (solo5-spt, seccomp process)" $spt
report "virtio (bindings)" $virtio
report "xen (bindings)" $xen
report "solo5-usernet (rootless network)" "$(both "$have_SLIRP" "$have_SECCOMP")"
report "C runtime and its examples" $runtime
report "unit tests" "$have_CHECK"
report "installed below" "$prefix"
if [ -n "$missing" ]; then
    echo "For what is not built, install (Debian names):$missing; or run deps/packages.sh"
fi
echo "Now run: make"
