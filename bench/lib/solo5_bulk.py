# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Bulk TCP of the same image under our tender and under Solo5's of the tree that SOLO5 names: what
# frames of 64 KiB and fewer system calls are worth.

import os
import time

import host
import net
from report import in_turn
from settings import SERVER_CORE, SOLO5, guest, targets


def run(tender, target, way):
    """On a tap of its own: what one tender let the host do would reach the next."""
    with host.Link() as link, \
            link.guest(tender, guest(f"bulk.{target}"), net.MEMORY, pin=SERVER_CORE):
        time.sleep(0.5)
        return net.bulk(link, way)


def solo5(report):
    if not SOLO5:
        return report.skip("bulk", "SOLO5 names no tree of Solo5")
    why = host.missing()
    if why:
        return report.skip("bulk", why)
    for target, tender in targets():
        theirs = os.path.join(SOLO5, "bin", f"solo5-{target}")
        for way, words in (("in", "into the guest"), ("out", "out of the guest")):
            ours, peer = in_turn(lambda: run(tender, target, way), lambda: run(theirs, target, way))
            report.add(f"{target}, {words}", "Gb/s", ours, "Solo5's tender", peer)
