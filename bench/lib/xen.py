# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Bulk TCP between the first domain of an emulated Xen and two guests on one bridge, in turn: the
# unikernel guest/bulk, and the same program on a Debian kernel, both PVH domains with a processor
# each. tests/vm/run starts that Xen.
#
# Both have tsc_mode="native": QEMU's emulation of SVM reports RDTSCP as if it were RDTSC, which Xen
# answers with a fault when it emulates the time stamp counter, and of which the kernel dies.

import math
import os
import subprocess
import tempfile

import machines
from settings import BUILD, ROUNDS, SECONDS, TOP, guest, tool

SECONDS_MAX = 2  # more makes the numbers no better, and the emulated host slow to end
TIMEOUT_S = 170

JOB = r"""
exec 2>&1
brctl addbr br0
ip addr add 10.0.0.1/24 dev br0
ip link set br0 up

# The Debian guest's own files: of those that are here.
mkdir -p root/bin root/proc root/sys root/dev root/lib/modules
cp /bin/busybox bench-bulk root/bin
for link in sh mount insmod ip sleep; do ln -s busybox root/bin/$link; done
cp /lib/modules/xen-netfront.ko root/lib/modules
for place in lib64 lib/x86_64-linux-gnu; do
    [ ! -d /$place ] || { mkdir -p root/$place; cp -L /$place/*.so* root/$place; }
done
cat > root/init << 'END'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
insmod /lib/modules/xen-netfront.ko
until ip addr add 10.0.0.3/24 dev eth0; do sleep 1; done
ip link set lo up
ip link set eth0 up
exec /bin/bench-bulk
END
chmod +x root/init
(cd root && find . | cpio -o -H newc > ../root.cpio)

guest() { # NAME KERNEL CMDLINE MORE
    printf 'name="%s"\ntype="pvh"\nkernel="/job/%s"\ncmdline="%s"\nmemory=384\nvcpus=1\n' "$1" "$2" "$3" > "$1.cfg"
    printf 'tsc_mode="native"\nvif=["bridge=br0"]\n%s\n' "$4" >> "$1.cfg"
    xl -q create "$1.cfg" 2>&1 || xl create "$1.cfg"
}
up() { # ADDRESS
    tries=60
    until ping -c 1 -W 1 "$1" > /dev/null; do
        [ $((tries -= 1)) -gt 0 ] || { echo "no answer from $1"; tail -n 20 /var/log/xen/console/*; exit 1; }
    done
}
guest ours bulk.xen --ipv4=10.0.0.2/24
guest debian vmlinux 'console=hvc0 quiet mitigations=off' 'ramdisk="/job/root.cpio"'
up 10.0.0.2
up 10.0.0.3
sleep 3
round=0
while [ $((round += 1)) -le ROUNDS ]; do
    for way in send receive; do
        for pair in ours=10.0.0.2 debian=10.0.0.3; do
            echo "$way ${pair%=*} $(./bench-bulk --$way="${pair#*=}" --seconds=SECONDS)"
        done
    done
done
"""


def run_job(folder, host):
    """What the job prints, and what there is to say when it fails."""
    kernel = os.path.join(folder, "vmlinux")
    subprocess.run(["strip", "-g", "-o", kernel, os.path.join(host, "vmlinux")], check=True)
    job = JOB.replace("ROUNDS", str(ROUNDS))
    job = job.replace("SECONDS", str(min(SECONDS_MAX, math.ceil(SECONDS))))
    with open(os.path.join(folder, "job.sh"), "w", encoding="ascii") as file:
        file.write(job)
    done = subprocess.run(
        [os.path.join(TOP, "tests", "vm", "run"), "--host=xen", f"--timeout={TIMEOUT_S}", folder,
         guest("bulk.xen"), tool("bulk")], capture_output=True, text=True, check=False,
        env={**os.environ, "BUILD": BUILD})
    failed = (done.stdout + done.stderr).strip()[-300:] or "the emulated Xen ended"
    return done.stdout, failed if done.returncode != 0 else None


def samples(output):
    """Of each way and guest, Gb/s in each round."""
    found = {}
    for line in output.splitlines():
        words = line.split()
        if len(words) >= 3 and words[0] in ("send", "receive"):
            found.setdefault(tuple(words[:2]), []).append(float(words[2]) / 1e9)
    return found


def bulk(report):
    try:
        why = machines.missing(guest("bulk.xen"), tool("bulk"))
        host = None if why else machines.fetch("xen")
    except machines.NoDebian as reason:
        why = str(reason)
    if why:
        return report.skip("bulk TCP", why)
    with tempfile.TemporaryDirectory() as folder:
        output, failed = run_job(folder, host)
    found = samples(output)
    for way, words in (("send", "into the guest"), ("receive", "out of the guest")):
        ours, peer = found.get((way, "ours"), []), found.get((way, "debian"), [])
        if failed or not ours or len(ours) != len(peer):
            report.skip(f"bulk TCP {words}", failed or "the emulated Xen ended early")
        else:
            report.add(f"bulk TCP {words}", "Gb/s", ours, "Debian", peer, ">= 0.7")
