# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Virtual machines to measure: QEMU's, always by emulation, so that the numbers of two machines
# compare where KVM cannot be had; and the Debian kernel that unikernels are compared with.

import os
import shutil
import subprocess
import sys

from settings import BUILD, TOP

sys.path.insert(0, os.path.join(TOP, "tests", "vm"))
import cpio  # noqa: E402
from hosts import VIRTIO  # noqa: E402

QEMU = "qemu-system-x86_64"

DEBIAN_INIT = r"""#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in {modules}; do insmod /lib/modules/$module.ko; done
ip link set lo up
ip addr add {address} dev eth0
ip link set eth0 up
while :; do sleep 1000; done
"""


def missing(*images):
    """Why machines with these images cannot be measured, or nothing."""
    if shutil.which(QEMU) is None:
        return "install qemu-system-x86"
    absent = [image for image in images if not os.path.exists(image)]
    return f"{os.path.relpath(absent[0], TOP)} was not built" if absent else None


def functional(name):
    """An image of the functional tests."""
    return os.path.join(BUILD, "tests", "functional", name)


def qemu(machine, kernel, *options, append="", limit_s=600):
    """A command: one processor, without devices but those of (options); ended after (limit_s). With
    room for one processor only, QEMU would leave the guest's memory barriers out."""
    return ["timeout", str(limit_s), QEMU, "-M", machine, "-accel", "tcg", "-cpu", "max",
            "-smp", "1,maxcpus=2", "-m", "256", "-display", "none", "-nodefaults",
            "-no-user-config", "-no-reboot", "-kernel", kernel, "-append", append, *options]


def tap(device, *options):
    """Options for a network on this tap of the host."""
    return ["-netdev", f"tap,id=n,ifname={device},script=no,downscript=no",
            "-device", ",".join(("virtio-net-pci,netdev=n", *options))]


class NoDebian(Exception):
    """Why there is no Debian kernel."""


def fetch(kind):
    """The folder of what tests/vm makes an emulated host of."""
    found = subprocess.run([os.path.join(TOP, "tests", "vm", "fetch"), kind], check=False,
                           capture_output=True, text=True, env={**os.environ, "BUILD": BUILD})
    if found.returncode != 0:
        raise NoDebian(found.stderr.strip()[-200:] or "no Debian kernel")
    return found.stdout.strip()


def debian(folder, address):
    """Puts into (folder) what starts Debian's kernel with this address on its network, and returns
    the kernel, the initrd and the command line."""
    host = fetch("kvm")
    kernel, initrd = os.path.join(host, "vmlinux"), os.path.join(folder, "initrd")
    shutil.copyfile(os.path.join(host, "base.cpio"), initrd)
    with open(initrd, "ab") as file:
        archive = cpio.Writer(file)
        init = DEBIAN_INIT.format(modules=" ".join(VIRTIO), address=address)
        archive.data("init", init.encode(), 0o755)
        archive.end()
    return (kernel if os.path.exists(kernel) else os.path.join(host, "vmlinuz"), initrd,
            "console=ttyS0 quiet panic=-1 mitigations=off")
