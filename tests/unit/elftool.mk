# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Unit tests of solo5-elftool and of the manifest code that it shares with the tenders.

$(foreach t,manifest elf_notes,$(eval $(call unit_test,$(t),$(ELFTOOL_PARTS),\
    $(ELFTOOL_CFLAGS) -Itools/elftool,$(ELFTOOL_LIBS))))
