# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The virtio target under QEMU's emulation, beside what else QEMU can start.

import contextlib
import tempfile
import time

import host
import machines
import net
from report import in_turn
from settings import CLIENT_CORE, SERVER_CORE, example

DEBIAN_HOST, DEBIAN = "10.91.3.1/24", "10.91.3.2"
PING_SECONDS = 1
# What is different, the core of ping, its options, and the bar. Two cores measure for the most part
# how long it takes to wake the other core, which is the same for both guests.
PINGS = (("one core", SERVER_CORE, (), ">= 1.5"), ("two cores", CLIENT_CORE, (), None),
         ("8 under way", SERVER_CORE, ("-l", "8"), None))


@contextlib.contextmanager
def running(link, command, address):
    """A machine, from when it answers to ping."""
    with tempfile.TemporaryFile("w+") as log, \
            host.Process(link.inside(link.near, command, SERVER_CORE), log) as process:
        tries = 60
        while "1 received" not in link.client_output("ping", "-q", "-c1", "-W1", address,
                                                     check=False):
            tries -= 1
            if tries == 0 or process.process.poll() is not None:
                log.seek(0)
                raise SystemExit(f"bench: {address}: no answer to ping: {log.read()[-300:]}")
        yield process


def ping(report):
    """Flood ping of a server, beside that of a Debian kernel."""
    image = example("http.virtio")
    why = machines.missing(image) or host.missing("ping")
    if why:
        return report.skip("flood", why)
    with tempfile.TemporaryDirectory() as folder, host.Link() as link:
        link.add_tap("tap1", DEBIAN_HOST)
        try:
            debian = machines.debian(folder, DEBIAN + "/24")
        except machines.NoDebian as reason:
            return report.skip("flood", str(reason))
        ping_on(report, link, "pc", image, debian, PINGS[:1])
        ping_on(report, link, "q35", image, debian, PINGS)


def ping_on(report, link, machine, image, debian, kinds):
    kernel, initrd, append = debian
    device = "disable-legacy=on"
    ours = machines.qemu(machine, image, *machines.tap("tap0", device),
                         append=" ".join(host.GUEST_OPTIONS))
    theirs = machines.qemu(machine, kernel, "-initrd", initrd, *machines.tap("tap1", device),
                           append=append)
    with running(link, ours, host.GUEST), running(link, theirs, DEBIAN):
        time.sleep(1)
        for what, core, options, bar in kinds:
            rates = in_turn(*(lambda address=address: net.flood(
                link, address, *options, core=core, seconds=PING_SECONDS)
                for address in (host.GUEST, DEBIAN)))
            report.add(f"{machine}, flood ping, {what}", "k/s", rates[0], "Debian", rates[1], bar)
