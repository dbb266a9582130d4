# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What http-hvt-test runs in the emulated host: http.hvt and echo.hvt on taps,
# http.hvt behind solo5-usernet, with busybox's clients. Prints a line `ok NAME`
# or `not ok NAME` for each test. Variables set before: GUEST, GUEST_MAC, HOST,
# HOST_MAC, and TOOLS, the programs that this machine had to give.

result() { # STATUS NAME
    [ "$1" = 0 ] && echo "ok $2" || echo "not ok $2"
}
check() { # NAME COMMAND...
    name=$1
    shift
    "$@" > check.log 2>&1
    status=$?
    result $status "$name"
    [ $status = 0 ] || sed 's/^/# /' check.log | head -n 20
}
have() {
    case " $TOOLS " in *" $1 "*) ;; *) return 1 ;; esac
}
patient() { # COMMAND...: tries it for 10 s
    tries=100
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.1
    done
}

# Not wget: linked statically, it falls over the libraries that are here for others.
page() { # ADDRESS PORT FILE [OUT]: is it served as it was packed?
    got=${4:-got}
    printf "GET /$3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" | timeout 20 nc "$1" "$2" > $got
    grep -q '^HTTP/1.1 200 OK' $got && tail -c "$(wc -c < "$3")" $got | cmp - "$3"
}
pages() { # [ADDRESS PORT]
    page ${1:-$GUEST} ${2:-80} index.html && page ${1:-$GUEST} ${2:-80} style.css &&
        page ${1:-$GUEST} ${2:-80} logo.svg
}
answer() { # TEXT: what http answers to it, to the end of the connection
    printf "$1" | timeout 10 nc $GUEST 80
}
statuses() { # TEXT STATUS...: does each answer have its status?
    text=$1
    shift
    [ "$(answer "$text" | sed -n 's/^HTTP.1.1 \([0-9]*\).*/\1/p' | tr '\n' ' ')" = "$* " ]
}
close='Host: a\r\nConnection: close\r\n\r\n'
pipelined() {
    text=
    for i in $(seq 99); do
        text="${text}GET /logo.svg HTTP/1.1\r\nHost: a\r\n\r\n"
    done
    [ "$(answer "${text}GET /logo.svg HTTP/1.1\r\n$close" | grep -c '^HTTP/1.1 200 OK')" = 100 ]
}
long_header() {
    { printf 'GET / HTTP/1.1\r\nHost: a\r\nX: '; head -c 1000000 /dev/zero | tr '\0' x; } |
        timeout 20 nc $GUEST 80 | grep '^HTTP/1.1 431' && pages
}
slow_others_served() {
    { for i in 1 2 3 4 5 6; do printf G; sleep 1; done; } | nc $GUEST 80 > slow.log &
    sleep 0.5
    pages && pages
}
many() {
    running=
    for i in $(seq 50); do
        page $GUEST 80 index.html got.$i &
        running="$running $!"
    done
    for pid in $running; do
        wait $pid || return 1
    done
}
load() {
    ./wrk -t1 -c32 -d2 "http://$GUEST:80/" > wrk.log
    grep Requests/sec wrk.log | sed 's/^/# in the emulated host: /'
    ! grep 'Socket errors\|Non-2xx' wrk.log
}
malformed_frames() {
    for file in frames.*; do
        size=${file##*.}
        socat -u -b "${size#*-}" "FILE:$file" INTERFACE:tap0 || return 1
        patient ping -c 1 -W 1 $GUEST > /dev/null || return 1
    done
    pages
}
echoed() { # what comes back is what went
    head -c 1000000 /dev/urandom > sent
    timeout 20 nc $GUEST 7 < sent > got && cmp sent got
}
echoed_datagram() {
    head -c 1400 /dev/urandom > sent
    socat -b 2000 -t 2 STDIO UDP:$GUEST:7 < sent > got && cmp sent got
}
stop() { # PID: ends a tender; SIGTERM must be enough
    kill $1
    wait $1
    [ $? = 143 ] || [ $? = 0 ] || echo "# ended with another status than that of SIGTERM"
}

tunctl -t tap0 > /dev/null
ip link set tap0 address $HOST_MAC
ip addr add $HOST/24 dev tap0
ip link set tap0 up
tap="--mem=16 --net:service=tap0 --net-mac:service=$GUEST_MAC"

solo5-hvt $tap http.hvt --ipv4=$GUEST/24 > http.log 2>&1 &
guest=$!
check 'answers' patient page $GUEST 80 index.html
check 'every page whole' pages
check 'HEAD, 404, 405' statuses "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\nPUT / HTTP/1.1\r\n$close" 200 404 405
check 'requests that are none' statuses 'GET\r\n\r\n' 400
check '100 requests in one write' pipelined
check 'a header of 1 MB' long_header
check 'one byte a second, others served' slow_others_served
check '50 clients at once' many
have wrk && check 'wrk: 32 connections, no errors' load && cat check.log
check 'ping' ping -c 3 -W 2 $GUEST
have socat && check '10,000 malformed frames' malformed_frames
echo "# $(cat /sys/class/net/tap0/statistics/tx_dropped) frames dropped before the guest saw them"
ran=$(cut -d' ' -f1 /proc/$guest/schedstat)
sleep 5
echo "# idle for 5 s in the emulated host: $((($(cut -d' ' -f1 /proc/$guest/schedstat) - ran) / 1000)) us of CPU"
check 'still serves' pages
sed 's/^/# /' http.log
stop $guest

solo5-hvt $tap echo.hvt --ipv4=$GUEST/24 > echo.log 2>&1 &
guest=$!
check 'echo: TCP, 1 MB' patient echoed
have socat && check 'echo: UDP' echoed_datagram
stop $guest

solo5-usernet -p 8080:80 -- solo5-hvt --mem=16 --net:service=@FD http.hvt > usernet.log 2>&1 &
guest=$!
check 'usernet: an address by DHCP, every page whole' patient pages 127.0.0.1 8080
stop $guest
exit 0
