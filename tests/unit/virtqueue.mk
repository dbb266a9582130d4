# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The drivers of virtio's devices, which are the bindings', over a device in the test's own process;
# what they are made of is in tests/fuzz/module.mk.

$(eval $(call unit_test,virtqueue,tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS),\
    $(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_net,$(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_read,$(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_blk,$(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
