# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The drivers of virtio's devices, which are the bindings', over a device in the test's own process.

VIRTQUEUE_TEST_CFLAGS := -Ibindings/virtqueue -Ibindings/common -Itests/unit
VIRTQUEUE_TEST_PARTS := tests/unit/virtio_fake.c $(wildcard bindings/virtqueue/*.c)

$(eval $(call unit_test,virtqueue,tests/unit/virtio_fake.c \
    $(addprefix bindings/virtqueue/,virtqueue.c split.c packed.c),$(VIRTQUEUE_TEST_CFLAGS)))
