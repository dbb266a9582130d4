# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Devices that lie to the virtio target, under QEMU.

ifneq ($(filter virtio,$(TARGETS)),)
SUITES += virtio-lies
SUITE_virtio-lies = 300 tests/virtio/run
SUITE_DEPS += $(addprefix $(B)/tests/functional/,block.virtio net.virtio)
endif
