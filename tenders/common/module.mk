# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What the tenders have in common; each names it in its own module.mk.

TENDER_COMMON := $(addprefix tenders/common/,block.c devices.c error.c filter.c image.c memory.c \
    mft.c net.c options.c parse.c sandbox.c signals.c $(ARCH)/signals_exit.S)
TENDER_CFLAGS := -fPIE -fno-plt -Itenders/common/$(ARCH) -Wconversion -Wno-sign-conversion

# Static and relocatable: no dynamic loader to wait for, and out of the way of a guest's addresses.
TENDER_LIBS := -static-pie -Wl,-z,relro,-z,now

$(eval $(call build_tool,filter-gen,tenders/common/filter-gen.c,,$(SECCOMP_LIBS)))

# tender_filter TARGET: the constant part of its seccomp filter
define tender_filter
$(B)/gen/$(1)/filter_code.h: $(B)/tool/filter-gen
	$$(call say,GEN,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$< $(1) >$$@
endef
