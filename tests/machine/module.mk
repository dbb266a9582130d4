# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Whole machines beside those of the functional tests: a loader by the protocols of other monitors,
# QEMU with KVM, and what it all may cost.

ifeq ($(CONFIG_VIRTIO),yes)
$(eval $(call test_program,machine-loader,tests/machine/loader.c,,$(STATIC)))
SUITES += machine machine-kvm machine-bars
SUITE_machine = 200 tests/machine/boot
SUITE_machine-kvm = 300 tests/machine/qemu-kvm
SUITE_machine-bars = 120 tests/machine/bars
SUITE_DEPS += $(B)/tests/machine-loader $(B)/tool/kvm-usable $(B)/tool/vm-exit \
    $(patsubst %,$(B)/tests/functional/%.virtio,hello cmdline heap time exit fault net \
    block_async) \
    $(if $(filter yes,$(CONFIG_XEN)),$(B)/tests/functional/hello.xen)
endif
