# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# unit_test NAME,SOURCES,EXTRA_CFLAGS,LIBS: the suite NAME is tests/unit/NAME_test.c, which defines
# unit_suite() (tests/unit/unit.h), with the sources that it tests.

define unit_test
$(if $(filter yes,$(CONFIG_CHECK)),$(call unit_test_rules,$(strip $(1)),$(2),$(3),$(4)))
endef
define unit_test_rules
$(call test_program,$(1)_test,tests/unit/$(1)_test.c tests/unit/unit.c $(2),$(CHECK_CFLAGS) $(3),$(CHECK_LIBS) $(4))
SUITES += $(1)
SUITE_$(1) = 60 $(B)/tests/$(1)_test
SUITE_DEPS += $(B)/tests/$(1)_test
endef
