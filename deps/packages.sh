#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Installs the distribution's packages that Quintet needs; run it as root.
#
#   packages.sh [build | test | bench | all]
#
# test, the default, is what the build and `make check` need. bench is what `make bench` needs beyond
# the build; it stands apart since Debian starts a server, nginx, where its package is installed.
# shellcheck disable=SC2086 # lists of words
set -eu

set=${1:-test}
build='gcc libc6-dev linux-libc-dev libxen-dev make pkg-config libseccomp-dev libelf-dev libjansson-dev
libslirp-dev libglib2.0-dev meson ninja-build patch xz-utils python3 ca-certificates'
test='check clang-format cpio curl dosfstools iproute2 busybox-static grub-common grub-pc-bin lz4 mandoc ovmf procps qemu-system-x86 qemu-utils wrk xorriso'
bench='fio gnuplot-nox iperf3 iputils-ping nftables nginx-light wrk'

case $set in
build) set -- $build ;;
test) set -- $build $test ;;
bench) set -- $build $bench ;;
all) set -- $build $test $bench ;;
*)
    echo 'usage: deps/packages.sh [build | test | bench | all]' >&2
    exit 1
    ;;
esac

command -v apt-get >/dev/null 2>&1 || {
    echo "packages.sh: there is no apt-get here; install by other means: $*" >&2
    exit 1
}
missing=
for package; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || {
    echo 'packages.sh: everything is installed'
    exit 0
}
echo "packages.sh: to install:$missing"
[ "$(id -u)" = 0 ] || {
    echo "packages.sh: that needs root; run: sudo deps/packages.sh $set" >&2
    exit 1
}
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends $missing
