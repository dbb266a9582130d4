# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Unit tests of the request parser of examples/http.

ifeq ($(CONFIG_CHECK),yes)
$(eval $(call test_program,http_parse_test,tests/unit/http_parse_test.c examples/http/http_parse.c,\
    $(CHECK_CFLAGS) -Iexamples/http,$(CHECK_LIBS)))
SUITES += http_parse
SUITE_http_parse = 60 $(B)/tests/http_parse_test
SUITE_DEPS += $(B)/tests/http_parse_test
endif
