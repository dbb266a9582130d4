# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-usernet against a guest that a script plays.

ifeq ($(CONFIG_USERNET),yes)
SUITES += usernet
SUITE_usernet = 180 tests/net/usernet/run $(BIN)/solo5-usernet
SUITE_DEPS += $(BIN)/solo5-usernet $(B)/tests/nouring
endif
