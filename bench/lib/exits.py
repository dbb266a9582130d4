# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# How often hvt's guests leave their virtual machine for the tender: counted in the emulated host,
# since counts, unlike times, mean the same there as on a real machine.

import os
import re
import subprocess

from settings import HVT, TOP, example


# Of a load's name in bench/hvt_exits, what one of it is, and the bar for the exits that it takes.
LOADS = (("tcp", "packet", "<= 0.05"), ("http", "request", "<= 0.2"),
         ("block-32", "request", "<= 0.05"), ("block-1", "request", None))


def exits(report):
    quiet_hello(report)
    under_load(report)


def under_load(report):
    done = subprocess.run([os.path.join(TOP, "bench", "hvt_exits")], capture_output=True, text=True,
                          check=False)
    found = re.findall(r"(?m)^(\S+) .*exits_each=([\d.]+)$", done.stdout)
    if not found:
        report.skip("hvt under load", done.stderr.strip()[-200:] or "no emulated host")
    for name, each in found:
        unit, bar = next((unit, bar) for start, unit, bar in LOADS if name.startswith(start))
        report.add(f"hvt, {name}, of each {unit}", "", [float(each)],
                   bar=None if name.endswith("-calls") else bar)


def quiet_hello(report):
    """Counts do not vary."""
    job = ("/job/solo5-hvt --stats --mem=16 /job/hello.hvt --solo5:quiet >/dev/null 2>/tmp/stats\n"
           "cat /tmp/stats\n")
    done = subprocess.run([os.path.join(TOP, "tests", "vm", "run"), "-", HVT, example("hello.hvt")],
                          input=job, capture_output=True, text=True, check=False)
    counts = dict(word.split("=") for word in done.stdout.split() if word.count("=") == 1)
    if done.returncode != 0 or "tender_exits" not in counts:
        return report.skip("hello.hvt", (done.stdout + done.stderr).strip()[-200:] or "no host")
    report.add("quiet hello.hvt, to the tender", "", [int(counts["tender_exits"])], bar="<= 5")
