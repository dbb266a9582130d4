# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The drivers of the xen target over a backend in the test's own process; and what only a Xen has:
# requests of xl, devices that do not fit, backends that go away, http.

ifneq ($(filter xen,$(TARGETS)),)
XEN_FAKE_CFLAGS := -Itests/xen -Itests/fuzz -Ibindings/xen -Ibindings/machine -Ibindings/common \
    -Ibindings/cpu/$(ARCH) -fno-builtin -Wno-pointer-sign
XEN_NET_PARTS := tests/xen/fake.c tests/xen/fake_store.c $(addprefix bindings/xen/,netfront.c netfront_rx.c netfront_tx.c \
    checksum.c grant.c)
XEN_BLK_PARTS := tests/xen/fake.c tests/xen/fake_store.c $(addprefix bindings/xen/,blkfront.c grant.c)
XEN_STORE_PARTS := tests/xen/fake.c bindings/xen/store.c
$(eval $(call fuzzer,xen_net,$(XEN_NET_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call fuzzer,xen_blk,$(XEN_BLK_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call fuzzer,xen_store,$(XEN_STORE_PARTS),$(XEN_FAKE_CFLAGS)))

SUITES += xen-run
SUITE_xen-run = 120 tests/cli/xen
SUITE_DEPS += $(BIN)/solo5-xen-run $(patsubst %,$(B)/tests/functional/%.xen,hello net block) \
    $(if $(filter spt,$(TARGETS)),$(B)/tests/functional/hello.spt)

SUITES += xen
SUITE_xen = 290 tests/xen/run
SUITE_DEPS += $(BIN)/solo5-xen-run $(B)/tool/vm-exit \
    $(patsubst %,$(B)/tests/functional/%.xen,hello net net2 block block_two time) \
    $(if $(filter yes,$(CONFIG_RUNTIME)),$(B)/examples/http.xen $(B)/examples/echo.xen)
endif
