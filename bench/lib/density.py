# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# A thousand servers on one machine: bench/density, and the bars for it.

import json
import os
import subprocess

import host
from settings import TOP, targets

COUNT = 1000


def density(report):
    why = host.missing()
    if why:
        return report.skip(f"{COUNT} x http", why)
    for target, tender in targets():
        image = os.path.join(os.path.dirname(os.path.dirname(tender)), "examples", f"http.{target}")
        done = subprocess.run([os.path.join(TOP, "bench", "density"), "--json",
                               f"--tender={tender}", f"--image={image}", str(COUNT)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            report.skip(f"{COUNT} x http.{target}", done.stderr.strip()[-200:])
            continue
        got = json.loads(done.stdout)
        what = f"{COUNT} x http.{target}"
        report.add(f"{what}, answering", "", [got["answered"]], bar=f">= {COUNT}")
        report.add(f"{what}, to the last page", "s", [got["seconds"]], bar="<= 20")
        report.add(f"{what}, PSS each", "KiB", [got["pss_kib"]], bar="<= 1024")
        report.add(f"{what}, host memory each", "KiB", [got["host_kib"]])
        report.add(f"{what}, CPU of all idle", "%", [got["idle_percent"]], bar="<= 2")
