# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# How often hvt's guests leave their virtual machine for the tender: counted in the emulated host,
# since counts, unlike times, mean the same there as on a real machine.

import os
import subprocess

from settings import HVT, TOP, example


def exits(report):
    """A quiet hello.hvt; counts do not vary."""
    job = ("/job/solo5-hvt --stats --mem=16 /job/hello.hvt --solo5:quiet >/dev/null 2>/tmp/stats\n"
           "cat /tmp/stats\n")
    done = subprocess.run([os.path.join(TOP, "tests", "vm", "run"), "-", HVT, example("hello.hvt")],
                          input=job, capture_output=True, text=True, check=False)
    counts = dict(word.split("=") for word in done.stdout.split() if word.count("=") == 1)
    if done.returncode != 0 or "tender_exits" not in counts:
        return report.skip("hello.hvt", (done.stdout + done.stderr).strip()[-200:] or "no host")
    report.add("quiet hello.hvt, to the tender", "", [int(counts["tender_exits"])], bar="<= 5")
