#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Fetches and builds one third-party source.
#
#   build.sh NAME FOLDER
#
# builds what deps/NAME/recipe describes into FOLDER/NAME-VERSION-KEY, where KEY changes with the
# recipe, this script, the compiler and its flags, and makes FOLDER/NAME a link to it. What is there
# already is not built again. Nothing is left behind when a step fails.
#
# A recipe is a piece of shell that sets
#   name version          of the source
#   pool                  path of the tarball below the distribution's pool/
#   sha256                of the tarball
#   upstream              where people find the source
# and defines the function build, which runs in an empty folder with
#   $SRC        the unpacked source (a path relative to that folder; write nothing there)
#   $OUT        the folder to fill, absolute
#   $DEP        deps/NAME, absolute
#   $CC $ARCH $JOBS, and $TARGET_CFLAGS, the flags that all code of a unikernel is compiled with
#
# Patches in deps/NAME/patches/*.patch are applied to the source first, in the order of their names
# (patch -p1). What comes before the first "---" says why.
#
# Environment:
#   CC                the compiler (default cc)
#   QUINTET_TARBALLS  a folder with tarballs, each called as at the end of its pool path; what is
#                     not there comes from the distribution's mirror, by apt-helper
#   QUINTET_CACHE     where tarballs and built results are kept between clones
#                     (default $XDG_CACHE_HOME/quintet or ~/.cache/quintet, if that folder or the
#                     home is there; empty: nowhere)
#   JOBS              parallel jobs (default: the number of processors)
# shellcheck disable=SC2154 # the recipe sets name, version, pool, sha256 and upstream
set -eu

die() {
    echo "deps/build.sh: $*" >&2
    exit 1
}

[ $# -eq 2 ] || die 'usage: deps/build.sh NAME FOLDER'
deps=$(cd "$(dirname "$0")" && pwd)
DEP=$deps/$1
[ -f "$DEP/recipe" ] || die "$1: no recipe deps/$1/recipe"
mkdir -p "$2"
folder=$(cd "$2" && pwd)
# shellcheck source=/dev/null
. "$DEP/recipe"

CC=${CC:-cc}
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
ARCH=$($CC -dumpmachine)
ARCH=${ARCH%%-*}
TARGET_CFLAGS='-O2 -ffreestanding -ffunction-sections -fdata-sections -fno-pic -fno-pie
-fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector
-ftls-model=local-exec'
case $ARCH in
x86_64) TARGET_CFLAGS="$TARGET_CFLAGS -mno-red-zone -fcf-protection=none" ;;
aarch64) ;;
*) die "$CC makes programs for $ARCH, which is not supported" ;;
esac
# shellcheck disable=SC2086,SC2116 # one line
TARGET_CFLAGS=$(echo $TARGET_CFLAGS)
export CC ARCH JOBS TARGET_CFLAGS

# Every file of deps/NAME counts: a recipe may come with patches or a configuration.
key=$({
    $CC --version
    $CC -dumpmachine
    echo "$TARGET_CFLAGS"
    cd "$deps"
    find build.sh "$1" -type f | LC_ALL=C sort | while read -r file; do sha256sum "$file"; done
} | sha256sum | cut -c 1-16)
result=$name-$version-$key

# A home that is not there is not made.
if [ -n "${QUINTET_CACHE-}" ]; then
    cache=$QUINTET_CACHE
elif [ -n "${QUINTET_CACHE-unset}" ] && [ -n "${XDG_CACHE_HOME:-}" ]; then
    cache=$XDG_CACHE_HOME/quintet
elif [ -n "${QUINTET_CACHE-unset}" ] && [ -n "${HOME:-}" ] && [ -d "$HOME" ]; then
    cache=$HOME/.cache/quintet
else
    cache=
fi
[ -z "$cache" ] || { mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ]; } || cache=

work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

publish() { # makes FOLDER/NAME point at the result
    rm -f "$folder/.link.$$"
    ln -s "$result" "$folder/.link.$$"
    mv -fT "$folder/.link.$$" "$folder/$name"
}

keep() { # FILE, PATH in the cache: best effort, whole or not at all
    [ -n "$cache" ] || return 0
    if cp "$1" "$cache/.$$.tmp" 2>/dev/null && mv -f "$cache/.$$.tmp" "$cache/$2"; then
        return 0
    fi
    rm -f "$cache/.$$.tmp"
}

has_hash() { # FILE
    [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$sha256" ]
}

wrong_hash() { # FILE, by a name that says where it is from
    found=$(sha256sum "$1" | cut -d ' ' -f 1)
    die "$2: wrong SHA-256
  expected $sha256
  found    $found
This is not the file that $name $version was pinned to; nothing was built."
}

download() { # FILE: asks the mirrors that apt knows for the distribution's own packages
    helper=/usr/lib/apt/apt-helper
    [ -x $helper ] || return 1
    # shellcheck disable=SC2016 # apt-get's own syntax
    sites=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' |
        LC_ALL=C sort -u)
    for site in $sites; do
        $helper -o APT::Sandbox::User=root download-file "$site/pool/$pool" "$1" \
            >"$work/download.log" 2>&1 && return 0
    done
    [ ! -f "$work/download.log" ] || grep -E '^(E|W|Err):?' "$work/download.log" >&2 || true
    return 1
}

fetch() { # FILE
    tarball=${pool##*/}
    if [ -n "${QUINTET_TARBALLS:-}" ] && [ -f "$QUINTET_TARBALLS/$tarball" ]; then
        has_hash "$QUINTET_TARBALLS/$tarball" ||
            wrong_hash "$QUINTET_TARBALLS/$tarball" "$QUINTET_TARBALLS/$tarball"
        cp "$QUINTET_TARBALLS/$tarball" "$1"
        return
    fi
    if [ -n "$cache" ] && [ -f "$cache/$tarball" ] && has_hash "$cache/$tarball"; then
        cp "$cache/$tarball" "$1"
        return
    fi
    download "$1" || die "$tarball: cannot be had from the distribution's mirror.
Put the file into a folder and name that folder in QUINTET_TARBALLS:
  file     $tarball (as Debian has it)
  SHA-256  $sha256
  source   $name $version, $upstream"
    has_hash "$1" || wrong_hash "$1" "$tarball, as downloaded,"
    keep "$1" "$tarball"
}

if [ -d "$folder/$result" ]; then
    publish
    exit 0
fi
work=$(mktemp -d "$folder/.work.XXXXXX")
mkdir "$work/out" "$work/src" "$work/obj"
if [ -n "$cache" ] && [ -f "$cache/$result.tar.gz" ] &&
    tar -xzf "$cache/$result.tar.gz" -C "$work/out" 2>/dev/null; then
    echo "  $name $version (from $cache)"
else
    rm -rf "$work/out"
    mkdir "$work/out"
    echo "  $name $version (fetching)"
    fetch "$work/tarball"
    tar -xf "$work/tarball" -C "$work/src" --strip-components=1 --no-same-owner
    for patch in "$DEP"/patches/*.patch; do
        [ -f "$patch" ] || continue
        patch -d "$work/src" -p1 -s -f --no-backup-if-mismatch <"$patch" >"$work/log" 2>&1 || {
            cat "$work/log" >&2
            die "$name $version: ${patch##*/} does not apply"
        }
    done
    echo "  $name $version (building; log in $2/$name.log on failure)"
    SRC=../src OUT=$work/out
    export SRC OUT DEP
    set +e
    (
        set -e
        cd "$work/obj"
        build
    ) >"$work/log" 2>&1
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        mv -f "$work/log" "$folder/$name.log"
        tail -n 30 "$folder/$name.log" >&2
        die "$name $version: cannot be built; the whole log is in $folder/$name.log"
    fi
    rm -f "$folder/$name.log"
    if [ -n "$cache" ]; then
        tar -czf "$work/out.tar.gz" -C "$work/out" .
        keep "$work/out.tar.gz" "$result.tar.gz"
    fi
fi
# Another build in the same folder may have been quicker; then its result is as good.
mv -T "$work/out" "$folder/$result" 2>/dev/null || [ -d "$folder/$result" ]
publish
