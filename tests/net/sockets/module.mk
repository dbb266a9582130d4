# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors

ifeq ($(CONFIG_RUNTIME),yes)
$(eval $(call runtime_image,$(B)/tests/sockets,tests/net/sockets/sockets.c,tests/net/sockets/manifest.json,))
SUITES += sockets
SUITE_sockets = 90 tests/net/sockets/run
SUITE_DEPS += $(B)/tests/sockets.spt
endif
