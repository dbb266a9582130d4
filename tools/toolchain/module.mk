# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The wrappers that compile and link a unikernel with the ordinary compiler, and the compiler's own
# freestanding headers.

WRAPPERS := cc ld objcopy

$(patsubst %,$(BIN)/$(TRIPLE)-%,$(WRAPPERS)): $(BIN)/$(TRIPLE)-%: tools/toolchain/%.sh $(B)/config.mk
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)sed -e 's|@CC@|$(CC)|g' -e 's|@TRIPLE@|$(TRIPLE)|g' \
	    -e 's|@CFLAGS@|$(GUEST_ARCH_FLAGS)|g' -e 's|@LDFLAGS@|$(GUEST_LINK_FLAGS)|g' $< >$@
	$(Q)chmod 755 $@

# pkg-config modules, for build systems that call the compiler themselves; in a moved prefix too.
PC := $(B)/lib/pkgconfig
PC_FILES := $(patsubst %,$(PC)/solo5-bindings-%.pc,$(TARGETS)) \
            $(if $(filter yes,$(CONFIG_RUNTIME)),$(patsubst %,$(PC)/solo5-runtime-%.pc,$(TARGETS)))
PC_SED = sed -e 's|@TRIPLE@|$(TRIPLE)|g' -e 's|@CFLAGS@|$(GUEST_ARCH_FLAGS)|g' \
    -e 's|@LDFLAGS@|$(GUEST_LINK_FLAGS)|g' -e 's|@VERSION@|$(VERSION)|g' -e 's|@ABI@|$*|g' $< >$@
$(PC)/solo5-bindings-%.pc: tools/toolchain/solo5-bindings.pc.in $(B)/config.mk
	@mkdir -p $(@D)
	$(Q)$(PC_SED)
$(PC)/solo5-runtime-%.pc: tools/toolchain/solo5-runtime.pc.in $(B)/config.mk
	@mkdir -p $(@D)
	$(Q)$(PC_SED)
all: $(PC_FILES)

# The compiler finds these by itself today; a copy is what installed programs are promised.
CRT_HEADERS := float.h iso646.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h \
               stdint-gcc.h stdnoreturn.h
CRT_DIR := $(shell $(CC) -print-file-name=include)
CRT_PRESENT := $(notdir $(wildcard $(addprefix $(CRT_DIR)/,$(CRT_HEADERS))))

$(INC)/$(TRIPLE)/%.h: $(CRT_DIR)/%.h
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(INC)/solo5/%.h: include/solo5/%.h
	@mkdir -p $(@D)
	$(Q)cp $< $@

# What build systems name out of habit is in libc or nowhere; without these the linker would find the
# host's.
NO_LIBS := $(patsubst %,$(LIB)/lib%.a,m pthread rt dl util crypt resolv xnet)
$(NO_LIBS):
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcsD $@

# What compilers call by themselves, for programs that bring neither a C library nor these four: the
# runtime's, weak, so that a program may have some of its own.
$(B)/obj/libsolo5c/mem.o: runtime/libc/$(ARCH)/mem.c $(B)/config.mk
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_ARCH_FLAGS) -ffreestanding -std=gnu17 -O2 -fno-builtin -fno-stack-protector \
	    -fno-tree-loop-distribute-patterns -ffunction-sections $(WARNINGS) -U_FORTIFY_SOURCE \
	    -ffile-prefix-map=$(CURDIR)=. -MMD -MP -c -o $@ $<
	$(Q)objcopy --weaken $@
-include $(B)/obj/libsolo5c/mem.d
$(LIB)/libsolo5c.a: $(B)/obj/libsolo5c/mem.o
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcsD $@ $^

SDK_HEADERS := $(addprefix $(INC)/$(TRIPLE)/,$(CRT_PRESENT)) \
               $(patsubst include/%,$(INC)/%,$(wildcard include/solo5/*.h))

GUEST_SDK += $(patsubst %,$(BIN)/$(TRIPLE)-%,$(WRAPPERS)) $(SDK_HEADERS) $(NO_LIBS) $(LIB)/libsolo5c.a
INSTALL_BIN += $(patsubst %,$(TRIPLE)-%,$(WRAPPERS))
all: $(GUEST_SDK)
