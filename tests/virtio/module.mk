# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Devices for the virtio target under QEMU: such as lie, and QEMU's own with each kind of ring and in
# each place.

ifneq ($(filter virtio,$(TARGETS)),)
SUITES += virtio-lies virtio-rings virtio-devices
SUITE_virtio-lies = 300 tests/virtio/lies
SUITE_virtio-rings = 300 tests/virtio/rings
SUITE_virtio-devices = 300 tests/virtio/devices
SUITE_DEPS += $(B)/tests/netpeer $(BIN)/solo5-virtio-mkimage \
    $(addprefix $(B)/tests/functional/,$(addsuffix .virtio,block block_async block_two hello io_net net net2))
endif
