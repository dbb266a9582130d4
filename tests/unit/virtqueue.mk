# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The drivers of virtio's devices, which are the bindings', over a device in the test's own process.

VIRTQUEUE_TEST_CFLAGS := -Ibindings/virtqueue -Ibindings/common -Itests/unit
VIRTQUEUE_PARTS := $(addprefix bindings/virtqueue/,virtqueue.c split.c packed.c)
VIRTIO_PARTS := tests/unit/virtio_fake.c tests/unit/virtio_target.c $(VIRTQUEUE_PARTS) \
    $(addprefix bindings/virtqueue/,virtio_net.c virtio_blk.c) \
    $(addprefix bindings/common/,block.c block_io.c block_plain.c devices.c net.c net_direct.c \
    net_io.c net_plain.c)

$(eval $(call unit_test,virtqueue,tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS),\
    $(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_net,$(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_read,$(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_blk,$(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
