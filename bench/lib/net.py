# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Bulk TCP beside iperf3, datagrams beside the same program on Linux, ping beside Solo5 and Linux:
# the unikernel behind a tap, the peers behind a veth pair, servers on one core, clients on the other.

import contextlib
import json
import math
import os
import re
import subprocess
import time

import host
from report import in_turn
from settings import (CLIENT_CORE, SECONDS, SERVER_CORE, SOLO5, SPT, example, guest, targets, tool)

UDP_PORT, UDP_BYTES, UDP_WINDOW = "5003", "64", "64"
PING_HOST, PING_GUEST = "10.0.0.1/24", "10.0.0.2"  # where Solo5's test answers
MEMORY = "--mem=256"
SMALL_MSS = "536"
PACKET = 1514  # of a link with an MTU of 1500


def gigabits(out):
    """Of what bench/guest/bulk prints."""
    found = re.search(r"([\d.]+) bit/s", out)
    if not found:
        raise SystemExit(f"bench: bulk: {out[-300:]}")
    return float(found[1]) / 1e9


def bulk(link, way):
    """The unikernel as a server; (way): `in`, to it, or `out`."""
    option = "--send=" if way == "in" else "--receive="
    return gigabits(link.client_output(tool("bulk"), option + host.GUEST, seconds_option()))


def bulk_client(link, tender, image, way):
    """The unikernel as a client of the host."""
    option = "--receive=" if way == "in" else "--send="
    argv = link.command(tender, image, MEMORY) + [option + host.HOST, seconds_option()]
    return gigabits(subprocess.run(link.inside(link.client, argv, SERVER_CORE), check=True,
                                   capture_output=True, text=True).stdout)


def iperf3(link, way):
    out = link.client_output("iperf3", "-c", host.PEER, "-t", str(math.ceil(SECONDS)), "-J",
                             *(["-R"] if way == "out" else []))
    return json.loads(out)["end"]["sum_received"]["bits_per_second"] / 1e9


def seconds_option():
    return f"--seconds={math.ceil(SECONDS)}"


@contextlib.contextmanager
def small_mss(link):
    """The host takes small segments only, on both links."""
    routes = ((host.GUEST, "tap0"), (host.PEER, "veth"))
    for address, device in routes:
        link.within(link.client, "ip", "route", "add", address + "/32", "dev", device, "advmss",
                    SMALL_MSS)
    yield
    for address, device in routes:
        link.within(link.client, "ip", "route", "del", address + "/32", "dev", device)


def both_ways(report, link, what, into, out):
    for way, words, bar in (("in", "into the guest", into), ("out", "out of the guest", out)):
        ours, peer = in_turn(lambda: bulk(link, way), lambda: iperf3(link, way))
        report.add(f"{what}, {words}", "Gb/s", ours, "iperf3", peer, bar)


def iperf3_server(link):
    # It complains about being ended.
    return host.Process(link.inside(link.server, ["iperf3", "-s"], SERVER_CORE),
                        subprocess.DEVNULL)


@contextlib.contextmanager
def servers(link, target, tender):
    """The unikernel and iperf3."""
    with iperf3_server(link), \
            link.guest(tender, guest(f"bulk.{target}"), MEMORY, pin=SERVER_CORE):
        time.sleep(1)
        yield


def tcp(report):
    why = host.missing("iperf3")
    if why:
        return report.skip("bulk", why)
    for target, tender in targets():
        with host.Link() as link:
            with servers(link, target, tender):
                both_ways(report, link, target, ">= 1.0", ">= 0.9")
                with small_mss(link):
                    ours, peer = in_turn(lambda: bulk(link, "out"), lambda: iperf3(link, "out"))
                report.add(f"{target}, to a peer of MSS {SMALL_MSS}", "Gb/s", ours, "iperf3", peer,
                           ">= 0.6")
            tcp_client(report, link, target, tender)
        tcp_lossy(report, target, tender)


def tcp_client(report, link, target, tender):
    image = guest(f"bulk.{target}")
    with iperf3_server(link), \
            host.Process(link.inside(link.client, [tool("bulk")], CLIENT_CORE)):
        time.sleep(0.5)
        for way, words in (("in", "into the guest"), ("out", "out of the guest")):
            ours, peer = in_turn(lambda: bulk_client(link, tender, image, way),
                                 lambda: iperf3(link, way))
            report.add(f"{target} as client, {words}", "Gb/s", ours, "iperf3", peer)


def tcp_lossy(report, target, tender):
    why = host.missing("nft")
    if why:
        return report.skip(f"{target}, 1 % lost", why)
    with host.LossyLink(1) as link, servers(link, target, tender):
        both_ways(report, link, f"{target}, 1 % lost", ">= 0.6", ">= 0.6")


def echo_rate(link, address):
    """Thousands of datagrams a second, there and back."""
    out = link.client_output(tool("udp-load"), address, UDP_PORT, UDP_BYTES, UDP_WINDOW,
                             str(SECONDS))
    return float(out.split()[0]) / 1e3


def udp(report):
    why = host.missing()
    if why:
        return report.skip("echo", why)
    for target, tender in targets():
        with host.Link() as link, \
                host.Process(link.inside(link.server, [tool("bulk")], SERVER_CORE)), \
                link.guest(tender, guest(f"bulk.{target}"), MEMORY, pin=SERVER_CORE):
            time.sleep(1)
            ours, peer = in_turn(lambda: echo_rate(link, host.GUEST),
                                 lambda: echo_rate(link, host.PEER))
            report.add(f"{target}, datagrams echoed", "k/s", ours, "Linux", peer, ">= 0.8")


def flood(link, address, *options, core=CLIENT_CORE, seconds=SECONDS):
    """Thousands of pings answered a second; one under way at a time without options."""
    out = link.client_output("ping", "-f", "-q", "-w", str(math.ceil(seconds)), *options, address,
                             core=core)
    answered, milliseconds = re.search(r"(\d+) received.*time (\d+)ms", out).groups()
    return float(answered) / float(milliseconds)


def flood_unikernel(link, tender, image):
    """One that does what Solo5's test of networks does."""
    argv = [tender, "--mem=16", "--net:service0=tap1", image]
    with host.Process(link.inside(link.client, argv, SERVER_CORE)):
        link.client_output("ping", "-q", "-c1", "-w5", PING_GUEST)
        return flood(link, PING_GUEST)


def ping(report):
    why = host.missing("ping")
    if why:
        return report.skip("flood", why)
    with host.Link() as link:
        link.add_tap("tap1", PING_HOST)
        for target, tender in targets():
            if not SOLO5:
                report.skip(f"{target}, by plain calls", "SOLO5 names no tree of Solo5")
                continue
            theirs = (os.path.join(SOLO5, "bin", f"solo5-{target}"),
                      os.path.join(SOLO5, "images", f"net.{target}"))
            for what, pair, bar in (("plain calls", (tender, guest(f"ping.{target}")), ">= 1.5"),
                                    ("Solo5's image", (tender, theirs[1]), None)):
                ours, peer = in_turn(lambda: flood_unikernel(link, *pair),
                                     lambda: flood_unikernel(link, *theirs))
                report.add(f"{target}, {what}", "k/s", ours, "Solo5", peer, bar)
        with link.guest(SPT, example("http.spt"), "--mem=16", pin=SERVER_CORE):
            link.wait_for_answer(80)
            ours, peer = in_turn(lambda: flood(link, host.GUEST), lambda: flood(link, host.PEER))
            report.add("http.spt", "k/s", ours, "Linux", peer)
