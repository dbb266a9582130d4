# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The virtio target under QEMU's emulation, beside what else QEMU can start.

import contextlib
import os
import re
import struct
import subprocess
import tempfile
import time

import host
import machines
import net
from report import in_turn
from settings import BUILD, CLIENT_CORE, ROUNDS, SERVER_CORE, TOP, example, guest, tool

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


# outl %eax, $0xf4 by EDX, which ends the machine; hlt for ever. By 32 bits, as PVH enters.
EMPTY_CODE = bytes.fromhex("ba f4 00 00 00 31 c0 ef f4 eb fd 00")
EMPTY_BASE, EMPTY_HEADERS = 0x100000, 64 + 2 * 56


def empty_kernel(folder):
    """A kernel that only ends the machine: what QEMU and its firmware take."""
    note = struct.pack("<III4sI", 4, 4, 18, b"Xen\0", EMPTY_BASE + EMPTY_HEADERS)
    size, at = EMPTY_HEADERS + len(EMPTY_CODE) + len(note), EMPTY_HEADERS + len(EMPTY_CODE)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, EMPTY_BASE, EMPTY_BASE, size, size, 4096)
    place = struct.pack("<IIQQQQQQ", 4, 4, at, EMPTY_BASE + at, EMPTY_BASE + at, len(note),
                        len(note), 4)
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1,
                       EMPTY_BASE + EMPTY_HEADERS, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    path = os.path.join(folder, "empty.elf")
    with open(path, "wb") as file:
        file.write(head + load + place + EMPTY_CODE + note)
    return path


def start_to_exit(machine, kernel):
    """Milliseconds from the start of QEMU to its end; it ends with 1 for a status of 0."""
    command = machines.qemu(machine, kernel, "-serial", "null", "-device",
                            "isa-debug-exit,iobase=0xf4,iosize=4", limit_s=20)
    begin = time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 1:
        raise SystemExit(f"bench: {kernel} on {machine}: status {done.returncode}: "
                         f"{done.stderr.strip()[-300:]}")
    return (time.monotonic() - begin) * 1000


def start(report):
    """QEMU's start to its end, beside a kernel that does nothing."""
    image = machines.functional("hello.virtio")
    why = machines.missing(image)
    if why:
        return report.skip("hello.virtio", why)
    with tempfile.TemporaryDirectory() as folder:
        empty = empty_kernel(folder)
        for machine, bar in (("pc", "<= 1.5"), ("q35", None), ("microvm", "<= 1.5")):
            times = in_turn(lambda: start_to_exit(machine, image),
                            lambda: start_to_exit(machine, empty), 2 * ROUNDS + 1)
            report.add(f"hello.virtio on {machine}", "ms", times[0], "empty kernel", times[1], bar)


def moved(link):
    """Frames and bytes that the tap has moved so far."""
    counts = [int(n) for n in link.client_output(
        "sh", "-c", "cd /sys/class/net/tap0/statistics && "
        "cat rx_packets tx_packets rx_bytes tx_bytes").split()]
    return counts[0] + counts[1], counts[2] + counts[3]


def traced(path):
    """How often QEMU was told of something, and told the guest, so far."""
    with open(path, encoding="ascii", errors="replace") as file:
        text = file.read()
    return text.count("virtio_queue_notify "), text.count("virtio_notify ")


def kicks(report):
    """How often guest and device tell each other of something in bulk TCP. A packet is one of a
    link with an MTU of 1500, however many of them the tap moves at a time. Counts do not vary."""
    image = guest("bulk.virtio")
    why = machines.missing(image, tool("bulk")) or host.missing()
    if why:
        return report.skip("bulk TCP", why)
    with tempfile.TemporaryDirectory() as folder, host.Link() as link:
        trace = os.path.join(folder, "trace")
        command = machines.qemu(
            "pc", image, *machines.tap("tap0"), "-D", trace, "-trace", "virtio_queue_notify",
            "-trace", "virtio_notify", append=" ".join(host.GUEST_OPTIONS))
        with running(link, command, host.GUEST):
            for way, words in (("in", "into the guest"), ("out", "out of the guest")):
                before = (*traced(trace), *moved(link))
                net.bulk(link, way)
                told, interrupts, frames, size = (
                    b - a for a, b in zip(before, (*traced(trace), *moved(link))))
                packets = max(frames, size // net.PACKET)
                report.add(f"bulk TCP {words}, kicks a packet", "", [told / packets],
                           bar="<= 0.1")
                report.add(f"bulk TCP {words}, interrupts a packet", "", [interrupts / packets])


def cost(report):
    """What the test of the same bars finds: sizes, instructions, the processor while asleep."""
    images = [machines.functional(name) for name in ("hello.virtio", "net.virtio", "time.virtio")]
    why = machines.missing(*images)
    if why:
        return report.skip("images of machines", why)
    done = subprocess.run([os.path.join(TOP, "tests", "machine", "bars")], capture_output=True,
                          text=True, check=False, env={**os.environ, "BUILD": BUILD})
    found = re.findall(r"(?m)^(?:not )?ok \d+ - (.*): (\d+|nothing), at most (\d+)", done.stdout)
    for what, value, most in found:
        if value == "nothing":
            report.skip(what, "QEMU ended before")
        else:
            report.add(what, "", [int(value)], bar=f"<= {most}")
    if not found:
        report.skip("images of machines", (done.stdout + done.stderr).strip()[-200:])
