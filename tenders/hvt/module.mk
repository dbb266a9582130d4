# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-hvt, the tender of virtual machines.

HVT_SOURCES := $(addprefix tenders/hvt/,hvt.c hypercall.c ring.c ring_block.c ring_net.c \
    rings.c stats.c vhost.c vm.c $(ARCH)/cpu.c $(ARCH)/tables.c)

ifeq ($(CONFIG_HVT),yes)
$(eval $(call tender_filter,hvt))
$(eval $(call program,solo5-hvt,$(TENDER_COMMON) $(TENDER_LIBC) $(HVT_SOURCES) tenders/hvt/main.c,\
    $(TENDER_CFLAGS) -Itenders/hvt -I$(B)/gen/hvt,$(TENDER_LIBS)))
$(B)/obj/solo5-hvt/tenders/hvt/hvt.c.o: $(B)/gen/hvt/filter_code.h
endif
