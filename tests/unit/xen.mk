# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Xen's network driver over a backend in the test's own process; tests/fuzz/module.mk has its parts.

ifneq ($(filter xen,$(TARGETS)),)
$(eval $(call unit_test,xen_lies,$(XEN_NET_PARTS),$(XEN_FAKE_CFLAGS)))
endif
