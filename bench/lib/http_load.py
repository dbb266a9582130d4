# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Requests for a small page, by wrk, beside nginx with one worker: servers on one core, wrk on the
# other.

import contextlib
import math
import re

import host
from report import columns, in_turn
from settings import SECONDS, SERVER_CORE, example, targets

PAGE = "logo.svg"  # 645 bytes

# Connections, and the bars for requests a second and for the 99th percentile of the time of one.
KEEP_ALIVE = ((1, None, None), (32, ">= 1.5", None), (256, ">= 1.5", None),
              (1000, ">= 1.0", "<= 1.0"), (4000, ">= 1.0", "<= 1.0"))
NEW_AT_ONCE = (256, 4000)
MILLISECONDS = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}


def wrk(link, address, connections, *options):
    """Thousands of requests a second, the 99th percentile in ms, requests that failed."""
    out = link.client_output("wrk", "--latency", "-t1", f"-c{connections}",
                             f"-d{math.ceil(SECONDS)}s", *options, f"http://{address}/{PAGE}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(\w+)", out).groups()
    errors = re.search(r"Socket errors: (.*)", out)
    failed = sum(int(n) for n in re.findall(r"\d+", errors[1])) if errors else 0
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return (rate / 1e3, float(number) * MILLISECONDS[unit], failed + (int(other[1]) if other else 0))


@contextlib.contextmanager
def both(target, tender):
    """The unikernel and nginx, both running."""
    with host.Link() as link, host.Nginx(link) as nginx, nginx.running(SERVER_CORE), \
            link.guest(tender, example(f"http.{target}"), "--mem=256", pin=SERVER_CORE):
        link.wait_for_answer(80)
        yield link


def measure(report, link, what, connections, rate_bar, late_bar, *options):
    ours, peer = (columns(side) for side in in_turn(
        lambda: wrk(link, host.GUEST, connections, *options),
        lambda: wrk(link, host.PEER, connections, *options)))
    report.add(what, "k/s", ours[0], "nginx", peer[0], rate_bar)
    report.add(f"{what}, 99 %", "ms", ours[1], "nginx", peer[1], late_bar)
    report.add(f"{what}, failed", "", ours[2], bar="<= 0")


def keep_alive(report):
    why = host.missing("nginx", "wrk", "curl")
    if why:
        return report.skip("http", why)
    host.allow_open_files()
    for target, tender in targets():
        with both(target, tender) as link:
            for connections, rate_bar, late_bar in KEEP_ALIVE:
                name = f"{target}, {connections} connection" + "s" * (connections > 1)
                measure(report, link, name, connections, rate_bar, late_bar)


def new_connections(report):
    """Each request on a connection of its own."""
    why = host.missing("nginx", "wrk", "curl")
    if why:
        return report.skip("http", why)
    host.allow_open_files()
    for target, tender in targets():
        with both(target, tender) as link:
            for count in NEW_AT_ONCE:
                measure(report, link, f"{target}, {count} at once", count, ">= 1.5", None, "-H",
                        "Connection: close")
