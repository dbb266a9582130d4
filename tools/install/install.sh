#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Installs files and takes them away again.
#
#   install.sh install PREFIX      standard input: a line `MODE SOURCE PATH` a file
#   install.sh uninstall PREFIX
#
# What was installed, and which folders were made for it, is kept below the prefix in
# share/quintet/installed: a path a line, relative to the prefix, a folder's with a / at its end.
# So uninstalling needs nothing of the build. A second installation adds to the list.
set -eu
list=share/quintet/installed

die() {
    echo "install.sh: $*" >&2
    exit 1
}
[ $# -eq 2 ] && [ -n "$2" ] || die 'usage: install.sh install|uninstall PREFIX'
prefix=${2%/}/

folder() { # PATH: makes it and what is above it; the list says which were made
    [ ! -d "$prefix$1" ] || return 0
    case $1 in */*) folder "${1%/*}" ;; esac
    mkdir -m 755 "$prefix$1"
    made="$made$1/
"
}

case $1 in
install)
    made=
    if [ ! -d "$prefix" ]; then
        mkdir -p "$prefix"
        chmod 755 "$prefix"
        made='./
'
    fi
    folder "${list%/*}"
    printf '%s' "$made$list
" >>"$prefix$list"
    while read -r mode source path; do
        made=
        folder "${path%/*}"
        printf '%s' "$made$path
" >>"$prefix$list"
        install -m "$mode" "$source" "$prefix$path"
    done
    LC_ALL=C sort -u -o "$prefix$list" "$prefix$list"
    chmod 644 "$prefix$list"
    echo "installed below ${prefix%/}"
    ;;
uninstall)
    if [ ! -f "$prefix$list" ]; then
        echo "nothing is installed below ${prefix%/}"
        exit 0
    fi
    # Read whole before the list itself is removed; folders from the innermost on.
    LC_ALL=C sort -r "$prefix$list" | {
        folders=
        while read -r path; do
            case $path in
            */) folders="$folders$path
" ;;
            *) rm -f "$prefix$path" ;;
            esac
        done
        printf '%s' "$folders"
    } | while read -r path; do
        rmdir "$prefix${path#./}" 2>/dev/null || true # in use by others
    done
    echo "uninstalled from ${prefix%/}"
    ;;
*) die "$1: expected install or uninstall" ;;
esac
