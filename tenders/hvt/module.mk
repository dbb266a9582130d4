# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-hvt, the tender of virtual machines, and solo5-hvt-debug, which adds aids for debugging.

HVT_SOURCES := $(addprefix tenders/hvt/,hvt.c hypercall.c ring.c ring_block.c ring_net.c \
    rings.c solo5_ring.c stats.c turn.c vhost.c vm.c $(ARCH)/cpu.c $(ARCH)/tables.c)
HVT_DEBUG_SOURCES := $(addprefix tenders/hvt/,debug.c core.c gdb.c $(ARCH)/debug_cpu.c)

ifeq ($(CONFIG_HVT),yes)
$(eval $(call tender_filter,hvt))
$(eval $(call program,solo5-hvt,$(TENDER_COMMON) $(TENDER_LIBC) $(HVT_SOURCES) tenders/hvt/main.c,\
    $(TENDER_CFLAGS) -Itenders/hvt -I$(B)/gen/hvt,$(TENDER_LIBS)))
$(eval $(call program,solo5-hvt-debug,$(TENDER_COMMON) $(HVT_SOURCES) $(HVT_DEBUG_SOURCES),\
    -Itenders/common/$(ARCH) -Itenders/hvt -I$(B)/gen/hvt,))
$(B)/obj/solo5-hvt/tenders/hvt/hvt.c.o $(B)/obj/solo5-hvt-debug/tenders/hvt/hvt.c.o: $(B)/gen/hvt/filter_code.h
endif
