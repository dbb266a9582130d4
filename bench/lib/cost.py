# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What a packet costs under spt: reads and writes, sleeps and processor time, from what Linux counts.
# A packet is one of a link with an MTU of 1500, however many of them the tap moves at a time.

import re
import time

import host
import http_load
import net
from settings import SERVER_CORE, SPT, example, guest

RELATIVE_TO = "udp"  # the only load that moves one packet at a time


def counters(link, process):
    """Reads and writes, sleeps, nanoseconds, what the tap moved and its bytes, so far."""
    pid = process.process.pid
    with open(f"/proc/{pid}/io") as io, open(f"/proc/{pid}/status") as status:
        calls = sum(int(n) for n in re.findall(r"sysc[rw]: (\d+)", io.read()))
        sleeps = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", status.read())[1])
    moved = link.client_output("sh", "-c", "cd /sys/class/net/tap0/statistics && "
                               "cat rx_packets tx_packets rx_bytes tx_bytes").split()
    frames, size = int(moved[0]) + int(moved[1]), int(moved[2]) + int(moved[3])
    return calls, sleeps, process.cpu_ns(), frames, size


def each(link, process, load):
    """Of one packet: calls, sleeps, nanoseconds."""
    before = counters(link, process)
    load()
    calls, sleeps, ns, frames, size = (b - a for a, b in zip(before, counters(link, process)))
    packets = max(frames, size // net.PACKET)
    return calls / packets, sleeps / packets, ns / packets


def cost(report):
    why = host.missing("wrk", "curl")
    if why:
        return report.skip("packets", why)
    found = {}
    with host.Link() as link:
        with link.guest(SPT, guest("bulk.spt"), net.MEMORY, pin=SERVER_CORE) as process:
            time.sleep(1)
            for name, load in (("tcp, into the guest", lambda: net.bulk(link, "in")),
                               ("tcp, out of the guest", lambda: net.bulk(link, "out")),
                               ("udp", lambda: net.echo_rate(link, host.GUEST))):
                found[name] = each(link, process, load)
        with link.guest(SPT, example("http.spt"), net.MEMORY, pin=SERVER_CORE) as process:
            link.wait_for_answer(80)
            for count in (32, 256):
                found[f"http, {count} connections"] = each(
                    link, process, lambda: http_load.wrk(link, host.GUEST, count))
    for name, (calls, sleeps, ns) in found.items():
        report.add(f"spt, {name}, reads and writes", "", [calls])
        report.add(f"spt, {name}, sleeps", "", [sleeps])
        report.add(f"spt, {name}, processor time", "ns", [ns], RELATIVE_TO,
                   [found[RELATIVE_TO][2]])
