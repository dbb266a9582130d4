# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The tests of the suite xen, by busybox's shell in the first domain. Prints TAP.

PATH=/job:$PATH
export PATH
count=0
GUEST=10.0.0.2 HOST=10.0.0.1

check() { # NAME COMMAND...
    name=$1
    shift
    count=$((count + 1))
    if "$@" > check.log 2>&1; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        tail -n 15 check.log | sed 's/^/# /'
    fi
}
skip() { # NAME WHY
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}
patient() { # COMMAND...: tries it for 20 s
    tries=100
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.2
    done
}
says() { # FILE TEXT: does it, in the end?
    patient grep -q -e "$2" "$1" || { cat "$1"; return 1; }
}
ends() { # STATUS PID FILE
    wait "$2"
    got=$?
    [ $got = "$1" ] || { echo "status $got, expected $1"; cat "$3"; return 1; }
}

# A domain by a configuration of its own, to the end: its console.
domain() { # IMAGE CMDLINE DEVICES...
    image=$1 cmdline=$2
    shift 2
    { printf 'name="own"\ntype="pvh"\nkernel="/job/%s"\ncmdline="%s"\nmemory=32\n' "$image" "$cmdline"
        printf 'on_crash="destroy"\n'
        printf '%s\n' "$@"; } > own.cfg
    rm -f /var/log/xen/console/guest-own.log
    xl create -q own.cfg || return 1
    patient gone own
    cat /var/log/xen/console/guest-own.log
}
gone() { # NAME
    ! xl domid "$1" > /dev/null 2>&1
}
refused() { # TEXT IMAGE CMDLINE DEVICES...: does it end with that line?
    text=$1
    shift
    domain "$@" > refused.log
    grep -q -x -e "solo5: $text" refused.log && ! grep -q SUCCESS refused.log || { cat refused.log; return 1; }
}

brctl addbr br0
ip addr add $HOST/24 dev br0
ip link set br0 promisc on up
truncate -s 1M one two
losetup /dev/loop6 one
losetup /dev/loop7 two
vif='vif=["bridge=br0"]'
disk() { # NAME...
    list=
    for name; do
        list="$list'format=raw,vdev=$name,access=${access:-rw},target=/dev/loop$((6 + $#  % 2))',"
        shift
    done
    echo "disk=[$list]"
}

# ---- What is printed is what xl takes

dry_run() {
    solo5-xen-run --dry-run --name=own --mem=48 --net:service=br0 --net-mac:service=02:00:00:00:00:02 -- net.xen 'a "b" \c' > dry.cfg &&
        grep -q '^name = "own"$' dry.cfg && xl create -n -q dry.cfg > dry.json && grep -q '"a' dry.cfg
}
check 'the configuration that is printed' dry_run

own_blocks() {
    for size in 512 4096; do
        solo5-xen-run --dry-run --block:storage=/dev/loop6 --block-sector-size:storage=$size block.xen
    done > blocks.cfg 2> blocks.log
    grep -q target=/dev/loop6 blocks.cfg && grep -x -e 'solo5-xen-run: --block:storage: /dev/loop6: is a device with blocks of 512 bytes; leave out --block-sector-size' blocks.log
}
check 'a device has blocks of its own size' own_blocks

# ---- Devices that do not fit the manifest

check 'no network for one that is declared' refused 'no network for service: the manifest has 1 of them, the machine 0 of a known kind' net.xen ''
check 'a disk too few' refused 'no disk for other: the manifest has 2 of them, the machine 1 of a known kind' block_two.xen '' "$(disk xvda)"
check 'a disk too many' refused '2 disks for 1 of the manifest: say which by --device:NAME=ADDRESS, or remove what is too many' block.xen '' "$(disk xvda xvdc)"
check 'a name that there is not' refused '--device:storage=xvdb: the machine has no disk of that address left; it has xvda' block.xen '--device:storage=xvdb' "$(disk xvda)"
check 'a name for what is not declared' refused '--device:other: the manifest has no such device' block.xen '--device:other=xvda' "$(disk xvda)"
left_alone() { # DEVICE IMAGE CMDLINE DEVICES...
    device=$1
    shift
    domain "$@" > left.log
    grep -q -x "solo5: $device: in no manifest, not used" left.log && grep -q SUCCESS left.log || { cat left.log; return 1; }
}
check 'a network that nobody wants' left_alone vif0 hello.xen '' "$vif"
check 'a disk that nobody wants' left_alone xvda block.xen '--solo5:warn --device:storage=xvdc' "$(disk xvda xvdc)"
named() {
    domain block_two.xen '--device:storage=xvde --device:other=xvda one' "$(disk xvda xvde)" | grep -q SUCCESS
}
check 'disks by their names' named
read_only() {
    access=ro domain block.xen '' "$(access=ro disk xvda)" > ro.log
    grep -q FAILED.*write ro.log || { cat ro.log; return 1; }
}
check 'a disk that is for reading only fails to write' read_only

# ---- What is wrong with a domain before it has devices

check 'a command line that is too long' refused 'the command line is longer than 8191 characters, which is the most' hello.xen "$(printf %08192d 0)"

# ---- Requests of xl

if [ -e http.xen ]; then
    solo5-xen-run --name=web --mem=32 --net:service=br0 http.xen --solo5:info --ipv4=$GUEST/24 > web.log 2>&1 &
    web=$!
    page() { # FILE
        curl -s -m 20 -o got "http://$GUEST/$1" && cmp got "$1"
    }
    pages() {
        page index.html && page style.css && page logo.svg
    }
    many() {
        running=
        for i in 1 2 3 4 5 6 7 8 9 10; do
            curl -s -m 30 -o "got.$i" "http://$GUEST/index.html" &
            running="$running $!"
        done
        for pid in $running; do
            wait "$pid" || return 1
        done
        for i in 1 2 3 4 5 6 7 8 9 10; do
            cmp "got.$i" index.html || return 1
        done
    }
    if [ -e curl ]; then
        check 'http: answers' patient page index.html
        check 'http: every page whole' pages
        check 'http: ten at once' many
    else
        skip 'http' 'curl is not installed'
    fi
    # xl has a monitor for a domain if it is let, whose log remains.
    alone() {
        ! ls /var/log/xen/xl-web*
    }
    check 'a domain has no monitor besides' alone
    # At the rate of 50 ms in 10 s; it takes about 7.
    idle() {
        id=$(xl domid web)
        before=$(xen-cpu-time "$id")
        sleep 5
        after=$(xen-cpu-time "$id")
        echo "# idle for 5 s: $((after - before)) us of processor time" | tee idle.log
        [ -n "$before" ] && [ $((after - before)) -le 25000 ]
    }
    check 'an idle domain takes no processor' idle
    cat idle.log
    reboot_refused() {
        xl reboot web && says web.log 'Xen asks for reboot, which a unikernel cannot do; it goes on' && pages
    }
    check 'xl reboot is refused, and it goes on' reboot_refused
    # What `xl save` writes; the node is empty as soon as the domain has seen it.
    suspend_refused() {
        node=/local/domain/$(xl domid web)/control/shutdown
        xenstore-write "$node" suspend
        says web.log 'Xen asks for suspend, which a unikernel cannot do; it goes on' &&
            [ -z "$(xenstore-read "$node")" ] && pages
    }
    check 'xl save is refused, and it goes on' suspend_refused
    shut_down() {
        xl shutdown web && ends 0 $web web.log
    }
    check 'xl shutdown ends it with status 0' shut_down
else
    skip 'http' 'there is no C runtime'
fi

# ---- The end

# Where nobody takes what is said last, the status is told a second later than it could be.
now() { # in hundredths of a second
    cut -d' ' -f1 /proc/uptime | tr -d .
}
status_last() {
    log=/var/log/xen/console/guest-last.log daemon=$(pidof xenconsoled)
    solo5-xen-run --dry-run --name=last --mem=32 time.xen --solo5:info asleep > last.cfg &&
        sed -i 's/^on_poweroff.*/on_poweroff="preserve"/' last.cfg && xl create -q last.cfg &&
        says $log asleep || return 1
    path=/local/domain/$(xl domid last)
    kill -STOP "$daemon"
    begin=$(now)
    xenstore-write "$path/control/shutdown" poweroff
    patient xenstore-exists "$path/data/exit"
    took=$(($(now) - begin))
    kill -CONT "$daemon"
    says $log 'ends, since Xen asks for poweroff'
    shown=$?
    xl destroy last
    echo "the status came after $took/100 s"
    [ $shown = 0 ] && [ $took -ge 100 ]
}
check 'the status comes after what was said last' status_last

# ---- Backends that go away

told() { # TIMES: one line down and one up, each time
    [ "$(grep -c 'is down$' cut.log)" = "$1" ] && [ "$(grep -c 'is up$' cut.log)" = "$1" ]
}
answers() {
    ip neigh flush dev br0
    ping -c 1 -W 1 $GUEST
}
detached() {
    xl network-detach cut 0 && says cut.log 'vif0: its backend is gone: network service is down' &&
        ! answers
}
attached() {
    xl network-attach cut bridge=br0 && says cut.log 'vif0: its backend is back: network service is up' &&
        patient answers
}
twice() {
    xl network-detach cut 0 && xl network-attach cut bridge=br0 && patient answers &&
        patient told 2
}
# The backend closes and opens, and the device remains; what scripts do is done by hand.
reopened() {
    domain=$(xl domid cut)
    path=/local/domain/0/backend/vif/$domain/0
    backend=$(basename /sys/bus/xen-backend/devices/vif-"$domain"-*)
    echo "$backend" > /sys/bus/xen-backend/drivers/vif/unbind
    echo "$backend" > /sys/bus/xen-backend/drivers/vif/bind
    patient [ -e "/sys/class/net/vif$domain.0" ] || return 1
    XENBUS_PATH=$path vif=vif$domain.0 /etc/xen/scripts/vif online
    patient answers && patient told 3
}
ended() {
    xl shutdown cut && ends 0 $cut cut.log
}
if [ -e http.xen ]; then
    solo5-xen-run --name=cut --mem=32 --net:service=br0 http.xen --ipv4=$GUEST/24 > cut.log 2>&1 &
    cut=$!
    check 'a network, before it is taken away' patient answers
    check 'a network that is taken away' detached
    check 'a network that is given back' attached
    check 'a network that is given back at once' twice
    check 'a network whose backend closes and opens' reopened
    if [ -e curl ]; then
        check 'http: every page whole after it' patient pages
    fi
    check 'a network that came back: xl shutdown' ended
else
    skip 'networks that are taken away' 'there is no C runtime'
fi
disk_gone() { # IMAGE
    solo5-xen-run --name=cut --mem=32 --block:storage=/dev/loop6 "$1" gone > cut.log 2>&1 &
    cut=$!
    says cut.log reads && xl block-detach cut xvda &&
        says cut.log 'xvda: its backend is gone: disk storage fails from now on' && ends 0 $cut cut.log
}
check 'a disk that is taken away fails to read and to write' disk_gone block.xen
check 'what was submitted to a disk that is taken away comes back' disk_gone block_async.xen

# ---- Bulk, for the record

if [ -e echo.xen ]; then
    solo5-xen-run --name=echo --mem=64 --net:service=br0 echo.xen --ipv4=$GUEST/24 > echo.log 2>&1 &
    echo=$!
    echoed() { # MEGABYTES
        head -c $(($1 << 20)) /dev/urandom > sent
        begin=$(cut -d' ' -f1 /proc/uptime)
        timeout 60 nc $GUEST 7 < sent > got && cmp sent got || return 1
        awk -v b="$begin" -v e="$(cut -d' ' -f1 /proc/uptime)" -v m="$1" 'BEGIN {
            printf "# echo over TCP: %d MB there and back in %.2f s\n", m, e - b }' > bulk.log
    }
    check 'echo: 1 MB' patient echoed 1
    check 'echo: 4 MB' echoed 4
    cat bulk.log
    xl destroy echo
    wait $echo
else
    skip 'echo' 'there is no C runtime'
fi
echo "1..$count"
exit 0
