# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The tenders' parts that need no device and no guest.

TENDER_TEST_CFLAGS := -Itenders/common/$(ARCH)
tender_parts = $(patsubst %,tenders/common/%.c,$(1))

$(eval $(call unit_test,options,$(call tender_parts,options error mft parse),$(TENDER_TEST_CFLAGS)))
$(eval $(call unit_test,memory,$(call tender_parts,memory error),$(TENDER_TEST_CFLAGS)))
$(eval $(call unit_test,attach,$(call tender_parts,devices net block options error mft parse),\
    $(TENDER_TEST_CFLAGS)))
$(eval $(call unit_test,cgroup,$(call tender_parts,cgroup parse),$(TENDER_TEST_CFLAGS)))
$(eval $(call unit_test,image,tests/unit/image_file.c $(call tender_parts,image memory error mft),\
    $(TENDER_TEST_CFLAGS)))
$(eval $(call unit_test,filter,$(call tender_parts,filter devices net block options error mft parse),\
    $(TENDER_TEST_CFLAGS) -I$(B)/gen))
$(B)/obj/tests/filter_test/tests/unit/filter_test.c.o: $(B)/gen/spt/filter_code.h $(B)/gen/hvt/filter_code.h
$(eval $(call unit_test,tables,$(call tender_parts,memory error) tenders/hvt/$(ARCH)/tables.c,\
    $(TENDER_TEST_CFLAGS) -Itenders/hvt))
$(eval $(call unit_test,ring,$(call tender_parts,memory error image mft) tenders/hvt/ring.c,\
    $(TENDER_TEST_CFLAGS) -Itenders/hvt))
$(eval $(call unit_test,hypercall,$(call tender_parts,memory error image mft devices net block options parse) \
    tenders/hvt/hypercall.c tenders/hvt/$(ARCH)/tables.c,$(TENDER_TEST_CFLAGS) -Itenders/hvt))
# The tenders' own C library, beside the host's.
$(eval $(call unit_test,format,tenders/libc/format.c tenders/libc/string.c,\
    -fno-builtin -fno-tree-loop-distribute-patterns -U_FORTIFY_SOURCE -Itenders/libc/$(ARCH) \
    $(foreach f,vsnprintf snprintf dprintf memcpy memmove memset memcmp strlen strcmp strncmp strstr,\
    -D$(f)=t_$(f))))
