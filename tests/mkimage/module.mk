# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Disks and CDs that solo5-virtio-mkimage makes.

ifeq ($(CONFIG_VIRTIO),yes)
SUITES += mkimage
SUITE_mkimage = 450 tests/mkimage/run
SUITE_DEPS += $(BIN)/solo5-virtio-mkimage \
    $(patsubst %,$(B)/tests/functional/%.virtio,hello cmdline block large big)
endif

$(eval $(call fuzzer,payload,$(addprefix tenders/common/,image.c memory.c error.c mft.c) \
    $(addprefix tenders/virtio/,bytes.c payload.c),-Itenders/common/$(ARCH) -Itenders/virtio))
