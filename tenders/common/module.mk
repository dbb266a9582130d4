# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What the tenders have in common; each names it in its own module.mk.

TENDER_COMMON := $(addprefix tenders/common/,block.c boot.c cgroup.c devices.c error.c filter.c image.c memory.c \
    mft.c net.c options.c parse.c sandbox.c signals.c uring.c $(ARCH)/signals_exit.S)
TENDER_CFLAGS := -Itenders/common/$(ARCH) -Wconversion -Wno-sign-conversion

# A tender is static, so that there is no dynamic loader to wait for; relocatable, so that it is out
# of the way of a guest's addresses; and on a C library of its own, tenders/libc, whose start-up
# takes no time. A build with sanitizers is on the system's.
ifeq ($(SANITIZE),)
TENDER_LIBC := $(addprefix tenders/libc/,calls.c format.c start.c strerror.c string.c thread.c \
    $(ARCH)/clone.S $(ARCH)/start.S)
TENDER_CFLAGS += -fPIE -ffunction-sections -fno-tree-loop-distribute-patterns \
    -U_FORTIFY_SOURCE -mstack-protector-guard=global -Itenders/libc/$(ARCH)
TENDER_LIBS := -static-pie -nostdlib -Wl,--gc-sections,-z,noseparate-code,-z,norelro
else
TENDER_COMMON += tenders/common/sanitized.c
endif

$(eval $(call build_tool,filter-gen,tenders/common/filter-gen.c,,$(SECCOMP_LIBS)))

# tender_filter TARGET: the constant part of its seccomp filter
define tender_filter
$(B)/gen/$(1)/filter_code.h: $(B)/tool/filter-gen
	$$(call say,GEN,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$< $(1) $(if $(SANITIZE),sanitized) >$$@
endef
