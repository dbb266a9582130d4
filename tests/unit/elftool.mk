# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Unit tests of solo5-elftool and of the manifest code that it shares with the tenders.

ifeq ($(CONFIG_CHECK),yes)
# elftool_test NAME: the suite NAME is the program of tests/unit/NAME_test.c
define elftool_test
$(call test_program,$(1)_test,tests/unit/$(1)_test.c $(ELFTOOL_PARTS),\
    $(CHECK_CFLAGS) $(ELFTOOL_CFLAGS) -Itools/elftool,$(CHECK_LIBS) $(ELFTOOL_LIBS))
SUITES += $(1)
SUITE_$(1) = 60 $(B)/tests/$(1)_test
SUITE_DEPS += $(B)/tests/$(1)_test
endef

$(eval $(call elftool_test,manifest))
$(eval $(call elftool_test,elf_notes))
endif
