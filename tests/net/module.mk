# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The examples http and echo over real links. The programs are also built for Linux, where a
# debugger and SANITIZE= can be used on them.

ifeq ($(CONFIG_RUNTIME),yes)
$(eval $(call test_program,http-native,$(EXAMPLE_SOURCES_http),$(EXAMPLE_FLAGS_http),))
$(eval $(call test_program,echo-native,examples/echo/echo.c,,))

SUITES += http
SUITE_http = 150 tests/net/http-test
SUITES += echo
SUITE_echo = 60 tests/net/echo-test
SUITES += http_hvt
SUITE_http_hvt = 240 tests/net/http-hvt-test
SUITE_DEPS += $(B)/tests/http-native $(B)/tests/echo-native
endif
