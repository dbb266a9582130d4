#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# From a fresh clone to a web page that a unikernel serves: configures, builds
# what is needed for that, and serves the page on the first free port from PORT
# (8080) on, until Ctrl-C. `make quickstart` runs it.
set -eu
cd "$(dirname "$0")/../.."

say() {
    echo "quickstart: $*"
}
die() {
    say "$*" >&2
    exit 1
}

port=${PORT:-8080}
case $port in
*[!0-9]* | 0* | ??????*) die "PORT=$port: not a port; give a number from 1 to 65535" ;;
esac
[ "$port" -le 65535 ] || die "PORT=$port: not a port; give a number from 1 to 65535"

usernet=build/bin/solo5-usernet tender=build/bin/solo5-spt image=build/examples/http.spt

# ---- Build

[ -f build/config.mk ] || ./configure.sh || die 'as root, run deps/packages.sh build; then try again'
for part in SPT RUNTIME USERNET; do
    grep -qx "CONFIG_$part := yes" build/config.mk ||
        die 'the build is configured without all that is needed; as root, run deps/packages.sh build, then ./configure.sh'
done
jobs=-j$(getconf _NPROCESSORS_ONLN)
case ${MAKEFLAGS:-} in *-j*) jobs= ;; esac # the make that called has its own
# shellcheck disable=SC2086 # no word when empty
"${MAKE:-make}" --no-print-directory $jobs quickstart-build

# ---- Run

# Does something listen on port $1? A line of the table ends its local address with the port, and
# 0A is the state of a listener.
in_use() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ":$(printf %04X "$1") 0*:0000 0A "
}
while in_use "$port"; do
    say "port $port is in use, taking $((port + 1))"
    port=$((port + 1))
done

say 'the unikernel starts: 16 MB of memory, no root, no KVM'
say 'its address follows when it answers; Ctrl-C ends it'
$usernet -p "$port:80" -- $tender --mem=16 --net:service=@FD $image &
server=$!
ended=
trap 'ended=yes; kill $server 2>/dev/null' INT TERM HUP
status=0
wait $server || status=$?
[ -n "$ended" ] || exit $status
wait $server || true
say ended
