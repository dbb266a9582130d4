# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Whole machines that are not QEMU's: a loader by the protocols of other monitors, under KVM.

ifeq ($(CONFIG_VIRTIO),yes)
$(eval $(call test_program,machine-loader,tests/machine/loader.c,,-static))
SUITES += machine machine-bars
SUITE_machine = 200 tests/machine/boot
SUITE_machine-bars = 120 tests/machine/bars
SUITE_DEPS += $(B)/tests/machine-loader $(B)/tool/kvm-usable $(B)/tool/vm-exit \
    $(patsubst %,$(B)/tests/functional/%.virtio,hello cmdline heap time exit fault net) \
    $(if $(filter yes,$(CONFIG_XEN)),$(B)/tests/functional/hello.xen)
endif
