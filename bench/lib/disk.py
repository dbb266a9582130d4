# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Disks under load: a unikernel (guest/blk) and fio with io_uring, on one file that is in the host's
# page cache, both on one processor.

import json
import os
import re
import shutil
import subprocess
import tempfile

import settings

MILLISECONDS = int(1000 * min(settings.SECONDS, 1))
FILE_MB = 128

# What each bench does: name, kind, bytes of a request, requests at a time, the bar or none.
LOADS = (
    ("4 KiB random read, depth 1", "randread", 4096, 1, None),
    ("4 KiB random read, depth 32", "randread", 4096, 32, ">= 0.9"),
    ("4 KiB random write, depth 1", "randwrite", 4096, 1, None),
    ("4 KiB random write, depth 32", "randwrite", 4096, 32, None),
    ("1 MiB sequential read", "read", 1 << 20, 4, ">= 0.9"),
    ("1 MiB sequential write", "write", 1 << 20, 4, None),
)


def missing():
    return None if shutil.which("fio") else "install fio"


class File:
    """A disk with every block written, so that none is a hole."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        handle, self.path = tempfile.mkstemp(prefix="blk-", dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            chunk = os.urandom(1 << 20)
            for _ in range(FILE_MB):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return self.path

    def __exit__(self, *_):
        os.unlink(self.path)


def warm(path):
    """Other work of the machine may have driven the file out of the page cache."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def pinned(*argv):
    done = subprocess.run(["taskset", "-c", str(settings.CLIENT_CORE), *argv], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: {argv[0]}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def guest(tender, image, path, kind, size, depth, *options):
    """Requests a second, megabytes a second."""
    warm(path)
    out = pinned(tender, "--mem=128", *options, f"--block:storage={path}", image, kind, str(size),
                 str(depth), str(MILLISECONDS))
    found = re.search(r"iops (\d+) megabytes (\d+)", out)
    return float(found[1]), float(found[2])


def fio(path, kind, size, depth):
    """The same, by fio at its best: without its statistics of every request, which cost it a third,
    and with buffers that are aligned, which doubles what it reads, and registered."""
    warm(path)
    out = pinned("fio", "--name=blk", "--thread", f"--filename={path}", f"--rw={kind}",
                 f"--bs={size}", f"--iodepth={depth}", f"--iodepth_batch_submit={depth}",
                 f"--iodepth_batch_complete_max={depth}", "--ioengine=io_uring", "--registerfiles=1",
                 "--mem=mmap", "--fixedbufs=1", "--direct=0", "--invalidate=0", "--norandommap", "--gtod_reduce=1",
                 "--time_based", f"--runtime={MILLISECONDS}ms", "--output-format=json")
    job = json.loads(out[out.index("{"):])["jobs"][0]["read" if "read" in kind else "write"]
    return float(job["iops"]), job["bw_bytes"] / 1e6
