# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Where everything is, and how long to measure. From the environment, or as `make bench ROUNDS=1`:
# ROUNDS, how often each side is measured, in turn; SECONDS, how long each time; SOLO5, a built tree
# of Solo5 to compare with as well; BUILD, another build folder.

import os
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.path.join(TOP, "build"))
OUT = os.path.join(BUILD, "bench")
SPT = os.path.join(BUILD, "bin", "solo5-spt")
HVT = os.path.join(BUILD, "bin", "solo5-hvt")
SOLO5 = os.environ.get("SOLO5")
ROUNDS = int(os.environ.get("ROUNDS") or 5)
SECONDS = float(os.environ.get("SECONDS") or 3)

SERVER_CORE, CLIENT_CORE = 0, 1


def example(name):
    return os.path.join(BUILD, "examples", name)


def guest(name):
    """A unikernel that is only for measuring."""
    return os.path.join(BUILD, "bench", name)


def tool(name):
    return os.path.join(BUILD, "tests", "bench-" + name)


def kvm():
    """Why hvt cannot be timed on this machine, or nothing."""
    probe = os.path.join(BUILD, "tool", "kvm-usable")
    if not os.path.exists(probe) or not os.path.exists(HVT):
        return "hvt was not built"
    done = subprocess.run([probe], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stdout.strip() or "no usable /dev/kvm"


def targets():
    """Pairs of a target and its tender: those whose times mean something here."""
    return [("spt", SPT)] + ([("hvt", HVT)] if kvm() is None else [])
