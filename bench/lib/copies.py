# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What it is worth not to copy: a large page by sendfile, beside nginx's sendfile and beside read and
# send in the same unikernel; bulk data received on loan, beside recv.

import contextlib
import math
import os
import re
import subprocess

import host
import net
from report import in_turn
from settings import BUILD, SECONDS, SERVER_CORE, guest, targets

PAGE = os.path.join(BUILD, "gen", "bench-page")  # 1 MiB
CONNECTIONS = 8
UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


def pages(link, address):
    """Gigabits a second."""
    out = link.client_output("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{math.ceil(SECONDS)}s",
                             f"http://{address}/{os.path.basename(PAGE)}")
    number, unit = re.search(r"Transfer/sec:\s+([\d.]+)(\w+)", out).groups()
    if "Socket errors" in out or "Non-2xx" in out:
        raise SystemExit(f"bench: {address}: {out[-300:]}")
    return float(number) * UNITS[unit] * 8 / 1e9


@contextlib.contextmanager
def server(link, target, tender, *arguments):
    argv = link.command(tender, guest(f"copies.{target}"), net.MEMORY) + list(arguments)
    with host.Process(link.inside(link.near, argv, SERVER_CORE)):
        link.wait_for_answer(80)
        yield


def run(link, target, tender, load, *arguments):
    with server(link, target, tender, *arguments):
        return load()


def copies(report):
    why = host.missing("nginx", "wrk", "curl")
    if why:
        return report.skip("pages", why)
    for target, tender in targets():
        with host.Link() as link:
            def measure(load, *arguments):
                return run(link, target, tender, load, *arguments)

            with host.Nginx(link) as nginx:
                subprocess.run(["cp", PAGE, os.path.join(nginx.dir.name, "www")], check=True)
                with nginx.running(SERVER_CORE):
                    ours, peer = in_turn(lambda: measure(lambda: pages(link, host.GUEST)),
                                         lambda: pages(link, host.PEER))
            report.add(f"{target}, 1 MiB by sendfile", "Gb/s", ours, "nginx", peer)
            for words, peer_name, load in (
                    ("1 MiB by sendfile", "read, send", lambda: pages(link, host.GUEST)),
                    ("rt_recv_ref", "recv", lambda: net.bulk(link, "in"))):
                ours, peer = in_turn(lambda: measure(load), lambda: measure(load, "--copy"))
                report.add(f"{target}, {words}", "Gb/s", ours, peer_name, peer)
