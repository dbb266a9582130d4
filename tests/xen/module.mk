# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-xen-run, and what only a Xen has: requests of xl, devices that do not fit, backends that go
# away, http. The drivers have fuzzers: tests/fuzz.

ifneq ($(filter xen,$(TARGETS)),)
SUITES += xen-run
SUITE_xen-run = 120 tests/cli/xen
SUITE_DEPS += $(BIN)/solo5-xen-run $(patsubst %,$(B)/tests/functional/%.xen,hello net block) \
    $(if $(filter spt,$(TARGETS)),$(B)/tests/functional/hello.spt)

$(eval $(call build_tool,xen-cpu-time,tests/xen/cpu-time.c,,-lxenctrl))
SUITES += xen
SUITE_xen = 290 tests/xen/run
SUITE_DEPS += $(BIN)/solo5-xen-run $(B)/tool/vm-exit $(B)/tool/xen-cpu-time \
    $(patsubst %,$(B)/tests/functional/%.xen,hello net net2 block block_async block_two time) \
    $(if $(filter yes,$(CONFIG_RUNTIME)),$(B)/examples/http.xen $(B)/examples/echo.xen)
endif
