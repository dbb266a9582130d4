# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The emulated hosts that there are: what each is made of.

import hashlib


class Host:
    def __init__(self, cache, kernel, packages, modules, loaded, programs, files):
        self.cache = cache  # below build/
        self.kernel = kernel  # the package that depends on the newest kernel
        self.packages = packages  # to be unpacked beside the kernel
        self.modules = modules  # that a job may load
        self.loaded = loaded  # those that are loaded before every job, in this order
        self.programs = programs  # of the packages, for the host's /bin
        self.files = files  # of the packages, uncompressed, beside the kernel
        # Of all that a ready host is made from.
        parts = repr((packages, modules, programs, files)).encode()
        self.digest = hashlib.sha256(parts).hexdigest()[:8]


NETWORK = "tun tap veth llc stp bridge loop macvlan macvtap".split()
# Of a guest of QEMU's, in the order in which they are to be loaded.
VIRTIO = ("virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover"
          " net_failover virtio_net").split()

HOSTS = {
    "kvm": Host(
        "vm", "linux-image-cloud-amd64", ["busybox-static"],
        "irqbypass kvm kvm-amd vhost_iotlb vhost vhost_net".split() + NETWORK + VIRTIO,
        "irqbypass kvm kvm-amd tun".split(), [], {}),
    "xen": Host(
        "vm-xen", "linux-image-amd64",
        ["busybox-static", "xen-hypervisor-4.17-amd64", "xen-utils-4.17", "xenstore-utils",
         "libxenmisc4.17", "libxencall1", "libxendevicemodel1", "libxenevtchn1",
         "libxenforeignmemory1", "libxengnttab1", "libxenhypfs1", "libxenstore4",
         "libxentoolcore1", "libxentoollog1", "libyajl2"],
        "xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc xen-netback xen-blkback"
        " xen-netfront".split() + NETWORK,
        "xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc xen-netback xen-blkback"
        " llc stp bridge loop tun".split(),
        "xl xenstored xen-init-dom0 xenconsoled xenconsole libxl-save-helper xenstore"
        " xenstore-read xenstore-write xenstore-ls xenstore-watch xenstore-rm xenstore-exists"
        .split(),
        {"xen-4.17-amd64.gz": "xen.elf"}),
}
