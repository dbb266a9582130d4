# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-xen-run, which starts xen images by xl. Static, so that it runs in the smallest first domain.

ifneq ($(filter xen,$(TARGETS)),)
$(eval $(call program,solo5-xen-run,$(addprefix tenders/common/,block.c devices.c error.c image.c memory.c \
    mft.c net.c options.c parse.c signal_fd.c) $(addprefix tenders/xen/,config.c domain.c loop.c run.c),\
    -Itenders/common/$(ARCH) -Itenders/xen,$(STATIC)))
endif
