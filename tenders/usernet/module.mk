# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-usernet: networks for a tender without rights. USERNET_PARTS is what needs no libslirp, which
# the unit tests and the fuzzer take.

USERNET_PARTS := $(addprefix tenders/usernet/,cidr.c forward.c frame.c guard.c cmdline.c pcap.c \
    pollset.c probe.c report.c tap.c) $(addprefix tenders/common/,error.c mft.c parse.c)

ifeq ($(CONFIG_USERNET),yes)
$(eval $(call program,solo5-usernet,$(USERNET_PARTS) \
    tenders/common/signal_fd.c $(addprefix tenders/usernet/,child.c loop.c main.c net.c confine.c),\
    $(SLIRP_CFLAGS) $(SECCOMP_CFLAGS),$(SLIRP_LIBS) $(SECCOMP_LIBS)))
endif
