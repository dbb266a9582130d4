# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Tests of what a person types and reads.

SUITES += run-suites
SUITE_run-suites = 60 tests/cli/run-suites-test

SUITES += elftool
SUITE_elftool = 60 tests/cli/elftool $(BIN)/solo5-elftool $(INC)/solo5
SUITE_DEPS += $(BIN)/solo5-elftool

SUITES += tenders
SUITE_tenders = 120 tests/cli/tenders
SUITE_DEPS += $(foreach t,$(filter hvt spt,$(TARGETS)),$(BIN)/solo5-$(t) \
    $(patsubst %,$(B)/tests/functional/%.$(t),hello net net2 block))

ifeq ($(CONFIG_HVT),yes)
SUITES += hvt-debug
SUITE_hvt-debug = 120 tests/cli/hvt-debug
SUITE_DEPS += $(BIN)/solo5-hvt-debug $(patsubst %,$(B)/tests/functional/%.hvt,fault hello) \
    $(B)/tool/vm-exit $(B)/tool/kvm-usable
endif

ifeq ($(CONFIG_VIRTIO),yes)
SUITES += virtio-commands
SUITE_virtio-commands = 120 tests/cli/virtio
SUITE_DEPS += $(BIN)/solo5-virtio-run $(BIN)/solo5-virtio-mkimage \
    $(patsubst %,$(B)/tests/functional/%.virtio,block exit hello net net2) \
    $(patsubst %,$(B)/tests/functional/hello.%,$(filter spt xen,$(TARGETS)))
endif
