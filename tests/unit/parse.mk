# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors

ifeq ($(CONFIG_CHECK),yes)
$(eval $(call test_program,parse_test,tests/unit/parse_test.c tenders/common/parse.c,\
    $(CHECK_CFLAGS),$(CHECK_LIBS)))
SUITES += parse
SUITE_parse = 30 $(B)/tests/parse_test
SUITE_DEPS += $(B)/tests/parse_test
endif
