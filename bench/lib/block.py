# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Requests on a disk in the page cache, beside fio with io_uring on the same file. spt has one too,
# whether a control group bounds this process or not; once it has none.

import os

import disk
from report import columns, in_turn
from settings import OUT, SOLO5, SPT, guest, targets


RING = {"spt": ["--io-uring"], "hvt": []}


def block(report):
    why = disk.missing()
    if why:
        return report.skip("blk", why)
    os.makedirs(OUT, exist_ok=True)
    with disk.File(OUT) as path:
        for target, tender in targets():
            for load in disk.LOADS:
                one_load(report, f"{target}, ", tender, guest(f"blk.{target}"), path, *load,
                         options=RING[target])
        name, kind, size, depth, _ = next(load for load in disk.LOADS if load[3] == 32)
        one_load(report, "spt without io_uring, ", SPT, guest("blk.spt"), path, name, kind, size,
                 depth, None, options=["--no-io-uring"])
        if SOLO5:
            beside_solo5(report, path)


def one_load(report, which, tender, image, path, name, kind, size, depth, bar, options):
    """Requests a second of small ones, bytes a second of large ones."""
    ours, peer = in_turn(lambda: disk.guest(tender, image, path, kind, size, depth, *options),
                         lambda: disk.fio(path, kind, size, depth))
    column, unit = (0, "k/s") if size < 1 << 20 else (1, "GB/s")
    report.add(which + name, unit, [s / 1e3 for s in columns(ours)[column]], "fio",
               [s / 1e3 for s in columns(peer)[column]], bar)


def beside_solo5(report, path):
    """The same unikernel under Solo5's tender, which takes one block at a time."""
    theirs = os.path.join(SOLO5, "bin", "solo5-spt")
    image = guest("blk.spt")
    name, kind, size, depth, _ = next(load for load in disk.LOADS if load[3] == 32)
    ours, peer = in_turn(lambda: disk.guest(SPT, image, path, kind, size, depth, *RING["spt"])[0] / 1e3,
                         lambda: disk.guest(theirs, image, path, kind, size, depth)[0] / 1e3)
    report.add(f"spt, {name}", "k/s", ours, "Solo5", peer)
