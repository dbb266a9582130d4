# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What one unikernel takes: to start, on disk, in memory, when idle, to its first answer.

import os
import subprocess
import time

import host
from report import columns, in_turn
from settings import BUILD, ROUNDS, SOLO5, SPT, example, tool


def spawn(ours, peer):
    """Medians of the time from exec to exit, in microseconds."""
    out = subprocess.run([tool("spawn"), "200", *ours, "--", *peer], check=True,
                         capture_output=True, text=True).stdout.split()
    return [int(ns) / 1e3 for ns in out]


def start(report):
    """exec to exit, beside a static program that returns 0."""
    peers = [("static C", [tool("return0")], "<= 1.3")]
    if SOLO5:
        peers.append(("Solo5", [os.path.join(SOLO5, "bin", "solo5-spt"), "--mem=16", os.path.join(
            SOLO5, "images", "hello.spt"), "Hello_Solo5"], None))
    for name, peer, bar in peers:
        ours, theirs = columns([spawn([SPT, "--mem=16", example("hello.spt")], peer)
                                for _ in range(ROUNDS)])
        report.add("hello.spt", "us", ours, name, theirs, bar)


def size(report):
    """Stripped images."""
    for name, limit in (("hello.spt", 40), ("http.spt", 200)):
        stripped = os.path.join(BUILD, "tests", name + ".stripped")
        subprocess.run(["strip", "-o", stripped, example(name)], check=True)
        report.add(f"{name}, stripped", "KiB", [os.path.getsize(stripped) / 1024],
                   bar=f"<= {limit}")


def memory(report):
    """What an idle server holds."""
    if host.missing():
        return report.skip("idle http.spt", host.missing())
    with host.Link() as link, link.guest(SPT, example("http.spt"), "--mem=16") as guest:
        link.wait_for_answer(80)
        report.add("idle http.spt, resident", "MiB", [guest.resident() / 1024], bar="<= 2.5")


def idle(report):
    """Processor time of an idle server."""
    if host.missing():
        return report.skip("http.spt", host.missing())
    with host.Link() as link, link.guest(SPT, example("http.spt"), "--mem=16") as guest:
        link.wait_for_answer(80)
        time.sleep(1)
        before = guest.cpu_ns()
        time.sleep(10)
        report.add("http.spt, CPU in 10 s", "ms", [(guest.cpu_ns() - before) / 1e6], bar="<= 10")


def answer(report):
    """exec to the first answer, beside nginx."""
    why = host.missing("nginx", "curl")
    if why:
        return report.skip("http.spt", why)
    with host.Link() as link, host.Nginx(link) as nginx:
        command = link.command(SPT, example("http.spt"), "--mem=16")
        ours, peer = in_turn(
            lambda: link.first_answer(tool("first-answer"), host.GUEST, command) / 1e6,
            lambda: link.first_answer(tool("first-answer"), host.PEER, nginx.command()) / 1e6,
            2 * ROUNDS + 1)
    report.add("http.spt, first answer", "ms", ours, "nginx", peer, "<= 0.5")
