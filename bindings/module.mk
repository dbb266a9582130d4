# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The bindings: for each target one relocatable object, of which only the public interface is seen,
# and the linker script. What a target adds to common/ and cpu/ is its folder.

# How everything that runs in a guest is compiled: no red zone, since a trap may come on the same
# stack, frame pointers for the backtrace, the canary in a variable and not in thread-local storage.
GUEST_ARCH_FLAGS_x86_64 := -m64 -mno-red-zone -mno-avx -mstack-protector-guard=global
GUEST_ARCH_FLAGS := $(GUEST_ARCH_FLAGS_$(ARCH)) -fno-pic -fno-pie -fno-omit-frame-pointer \
    -fno-asynchronous-unwind-tables -fstack-protector-strong -fcf-protection=none \
    -ftls-model=local-exec

# How an image is linked; its layout is in solo5.lds.
GUEST_LINK_FLAGS := -static -nostdlib -no-pie -Wl,-z,max-page-size=0x1000 -Wl,-z,noexecstack \
    -Wl,-z,norelro -Wl,--build-id=none -Wl,--gc-sections

# The bindings leave the floating point registers to the program: a trap must not change them.
BINDINGS_FLAGS := $(GUEST_ARCH_FLAGS) -mgeneral-regs-only -ffreestanding -nostdinc -isystem $(CRT_DIR) -std=gnu17 -Os -g \
    -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns $(WARNINGS) \
    -ffile-prefix-map=$(CURDIR)=. -Ibindings/common -Ibindings/virtqueue -Ibindings/cpu/$(ARCH) -Iinclude/solo5 \
    -DQUINTET_VERSION='"$(VERSION)"'

BINDINGS_COMMON := $(wildcard bindings/common/*.c) \
    bindings/cpu/$(ARCH)/tls.c bindings/cpu/$(ARCH)/trapinfo.c
BINDINGS_hvt := $(BINDINGS_COMMON) $(wildcard bindings/hvt/*.c bindings/virtqueue/*.c) \
    $(addprefix bindings/cpu/$(ARCH)/,entry.S vectors.S traps.c interrupt.S sleep.c)
BINDINGS_spt := $(BINDINGS_COMMON) $(wildcard bindings/spt/*.c) \
    bindings/cpu/$(ARCH)/entry.S bindings/cpu/$(ARCH)/sigframe.c
# What owns a whole machine.
BINDINGS_MACHINE := $(BINDINGS_COMMON) $(wildcard bindings/machine/*.c) \
    $(addprefix bindings/cpu/$(ARCH)/,boot.S vectors.S traps.c apic.c interrupt.S fault.S clock_source.c fault.c)
BINDINGS_virtio := $(BINDINGS_MACHINE) $(wildcard bindings/virtio/*.c bindings/virtqueue/*.c)
BINDINGS_xen := $(BINDINGS_MACHINE) $(wildcard bindings/xen/*.c) bindings/cpu/$(ARCH)/xencall32.S
LDS_virtio := bindings/machine/manifest.lds
LDS_xen := $(LDS_virtio)
BINDINGS_stub := bindings/stub/stub.c

# Headers of the kernel and of Xen that are wanted come from the system, after all others.
BINDINGS_FLAGS_virtio := -Ibindings/machine -idirafter /usr/include -idirafter /usr/include/$(ARCH)-linux-gnu
BINDINGS_FLAGS_xen := $(BINDINGS_FLAGS_virtio)

# bindings_rules TARGET
define bindings_rules
$(LIB)/solo5_$(1).o: $(patsubst %,$(B)/obj/bindings-$(1)/%.o,$(BINDINGS_$(1))) bindings/exports
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)ld -r -o $$@.tmp $$(filter %.o,$$^)
	$$(Q)objcopy --keep-global-symbols=bindings/exports $$@.tmp $$@ && rm $$@.tmp
$(patsubst %,$(B)/obj/bindings-$(1)/%.o,$(BINDINGS_$(1))): $(B)/obj/bindings-$(1)/%.o: % $(B)/config.mk bindings/module.mk
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $(BINDINGS_FLAGS) $(BINDINGS_FLAGS_$(1)) -Ibindings/$(1) -MMD -MP -c -o $$@ $$<
$(LIB)/solo5_$(1).lds: bindings/solo5.lds $(LDS_$(1))
	@mkdir -p $$(@D)
	$$(Q)cat $$^ >$$@
-include $(patsubst %,$(B)/obj/bindings-$(1)/%.d,$(BINDINGS_$(1)))
GUEST_SDK += $(LIB)/solo5_$(1).o $(LIB)/solo5_$(1).lds
all: $(LIB)/solo5_$(1).o $(LIB)/solo5_$(1).lds
endef
$(foreach t,$(TARGETS) stub,$(eval $(call bindings_rules,$(t))))
