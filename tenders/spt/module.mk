# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-spt, the tender of seccomp processes.

SPT_SOURCES := $(addprefix tenders/spt/,leftover.c main.c $(ARCH)/enter.S)

ifeq ($(CONFIG_SPT),yes)
$(eval $(call tender_filter,spt))
$(eval $(call program,solo5-spt,$(TENDER_COMMON) $(TENDER_LIBC) $(SPT_SOURCES),\
    $(TENDER_CFLAGS) -I$(B)/gen/spt,$(TENDER_LIBS)))
$(B)/obj/solo5-spt/tenders/spt/main.c.o: $(B)/gen/spt/filter_code.h
endif
