# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors

ifeq ($(CONFIG_RUNTIME),yes)
$(eval $(call runtime_image,$(B)/tests/networks,tests/net/networks/networks.c,\
    tests/net/networks/manifest.json,))
SUITES += networks
SUITE_networks = 60 tests/net/networks/run
SUITE_DEPS += $(B)/tests/networks.spt
endif
