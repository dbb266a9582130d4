# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-virtio-run, which starts virtio images under QEMU.

VIRTIO_COMMON := $(addprefix tenders/common/,block.c devices.c error.c image.c kvm_usable.c \
    memory.c mft.c net.c options.c parse.c)
VIRTIO_USERNET := $(addprefix tenders/usernet/,child.c cidr.c forward.c)
VIRTIO_CFLAGS := -Itenders/common/$(ARCH) -Itenders/usernet -Itenders/virtio

$(eval $(call program,solo5-virtio-run,$(VIRTIO_COMMON) $(VIRTIO_USERNET) \
    $(addprefix tenders/virtio/,command.c qemu.c run.c),$(VIRTIO_CFLAGS),))
