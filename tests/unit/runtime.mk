# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The parts of the runtime that can be tested on the host. Functions that the host's C library has
# too get a prefix, so that both are there.

ifeq ($(CONFIG_CHECK),yes)
RUNTIME_TEST_FLAGS := $(CHECK_CFLAGS) -Iruntime -Itests/unit -fno-strict-aliasing -U_FORTIFY_SOURCE
RUNTIME_FAKE := tests/unit/runtime_fake.c runtime/start/message.c
renamed = $(foreach f,$(2),-D$(f)=$(1)$(f))

# runtime_test NAME,SOURCES,EXTRA_CFLAGS
define runtime_test
$(call test_program,$(1)_test,tests/unit/$(1)_test.c $(2),$(RUNTIME_TEST_FLAGS) $(3),$(CHECK_LIBS))
SUITES += $(1)
SUITE_$(1) = 120 $(B)/tests/$(1)_test
SUITE_DEPS += $(B)/tests/$(1)_test
endef

$(eval $(call runtime_test,string,runtime/libc/$(ARCH)/mem.c runtime/libc/$(ARCH)/str.c,-fno-builtin \
    -fno-tree-loop-distribute-patterns \
    $(call renamed,rt_,memcpy memmove memset memcmp memchr strlen strnlen strchr)))
$(eval $(call runtime_test,args,$(RUNTIME_FAKE) runtime/start/args.c runtime/start/options.c \
    runtime/start/env.c,))
$(eval $(call runtime_test,malloc,$(RUNTIME_FAKE) runtime/libc/heap.c,-idirafter runtime/include \
    $(call renamed,t_,malloc free calloc realloc memalign aligned_alloc posix_memalign \
    malloc_usable_size mallinfo)))
$(eval $(call runtime_test,entropy,tests/unit/unit.c $(RUNTIME_FAKE) runtime/libc/entropy.c runtime/libc/siphash.c,\
    $(call renamed,rt_,getentropy)))
$(eval $(call runtime_test,sched,$(RUNTIME_FAKE) runtime/thread/sched.c runtime/thread/timers.c \
    runtime/thread/thread.c runtime/thread/$(ARCH)/switch.S,))
endif
