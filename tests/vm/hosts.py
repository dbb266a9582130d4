# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The emulated hosts that there are: what each is made of.


class Host:
    def __init__(self, cache, kernel, packages, modules, loaded, programs, files):
        self.cache = cache  # below build/
        self.kernel = kernel  # the package that depends on the newest kernel
        self.packages = packages  # to be unpacked beside the kernel
        self.modules = modules  # that a job may load
        self.loaded = loaded  # those that are loaded before every job, in this order
        self.programs = programs  # of the packages, for the host's /bin
        self.files = files  # of the packages, uncompressed, beside the kernel


NETWORK = "tun tap veth llc stp bridge loop macvlan macvtap".split()

HOSTS = {
    "kvm": Host(
        "vm", "linux-image-cloud-amd64", ["busybox-static"],
        "irqbypass kvm kvm-amd vhost_iotlb vhost vhost_net".split() + NETWORK,
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
