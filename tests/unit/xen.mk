# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Xen's drivers, the store's client and what waits for both, over other halves in the test's own
# process; tests/fuzz/module.mk has their parts.

ifneq ($(filter xen,$(TARGETS)),)
$(eval $(call unit_test,xen_lies,$(XEN_NET_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call unit_test,xen_blk_lies,$(XEN_BLK_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call unit_test,xen_store_lies,$(XEN_STORE_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call unit_test,xen_bus,$(XEN_BUS_PARTS),$(XEN_FAKE_CFLAGS)))
endif
