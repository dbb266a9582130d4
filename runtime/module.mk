# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The C runtime: libsolo5rt.a and the headers, beside them picolibc's. A folder below adds its
# sources to RUNTIME_SRCS, and what they include beyond the runtime itself to RUNTIME_INCLUDES and
# RUNTIME_DEPS.

RUNTIME_SRCS := $(wildcard runtime/start/*.c runtime/libc/*.c runtime/libc/$(ARCH)/*.c \
                  runtime/thread/*.c runtime/thread/$(ARCH)/*.S)
RUNTIME_INCLUDES :=
RUNTIME_DEPS := $(B)/deps/picolibc.stamp

RT_INC := $(INC)/$(TRIPLE)/runtime

-include $(wildcard runtime/*/module.mk)

# Type-based aliasing is off because the public headers show a wait queue as an opaque struct.
RUNTIME_FLAGS := $(GUEST_ARCH_FLAGS) -ffreestanding -nostdinc -isystem $(B)/deps/picolibc/include \
    -isystem $(CRT_DIR) -std=gnu17 -O2 -g -ffunction-sections -fdata-sections -fno-strict-aliasing \
    $(WARNINGS) -ffile-prefix-map=$(CURDIR)=. -D_GNU_SOURCE -D__QUINTET__ -Iruntime/include -Iruntime \
    -Iinclude/solo5 $(RUNTIME_INCLUDES)
# What runs once is small before it is fast.
RUNTIME_FLAGS_start := -Os
# The string functions must not become calls of themselves.
RUNTIME_FLAGS_libc/$(ARCH) := -fno-builtin -fno-tree-loop-distribute-patterns -fno-stack-protector

RUNTIME_OBJS := $(patsubst runtime/%,$(B)/obj/runtime/%.o,$(RUNTIME_SRCS))

$(RUNTIME_OBJS): $(B)/obj/runtime/%.o: runtime/% runtime/module.mk $(B)/config.mk $(RUNTIME_DEPS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RUNTIME_FLAGS) $(RUNTIME_FLAGS_$(patsubst runtime/%/,%,$(dir $<))) -MMD -MP -c -o $@ $<
-include $(RUNTIME_OBJS:.o=.d)

$(LIB)/libsolo5rt.a: $(RUNTIME_OBJS)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar qcsD $@ $^
$(LIB)/libc.a: $(LIB)/libsolo5rt.a $(B)/deps/picolibc.stamp runtime/merge.sh
	$(call say,AR,$@)
	$(Q)runtime/merge.sh $(B)/deps/picolibc/lib/libc.a $< $@

# picolibc's headers first, so that one of ours with the same name replaces it.
$(RT_INC)/.stamp: $(B)/deps/picolibc.stamp $(shell find runtime/include -name '*.h')
	$(call say,HEADERS,$(RT_INC))
	$(Q)rm -rf $(RT_INC) && mkdir -p $(RT_INC)
	$(Q)cp -R $(B)/deps/picolibc/include/. $(RT_INC)
	$(Q)cp -R runtime/include/. $(RT_INC)
	@touch $@

RUNTIME_SDK += $(LIB)/libsolo5rt.a $(LIB)/libc.a $(RT_INC)/.stamp
all: $(RUNTIME_SDK)
