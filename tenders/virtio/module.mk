# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-virtio-run, which starts virtio images under QEMU, and solo5-virtio-mkimage, which makes disks
# of them.

ifeq ($(CONFIG_VIRTIO),yes)
VIRTIO_COMMON := $(addprefix tenders/common/,block.c devices.c error.c image.c kvm_usable.c \
    memory.c mft.c net.c options.c parse.c sandbox.c)
VIRTIO_USERNET := tenders/common/signal_fd.c $(addprefix tenders/usernet/,child.c cidr.c forward.c)
VIRTIO_CFLAGS := -Wconversion -Wno-sign-conversion -Itenders/common/$(ARCH) -Itenders/usernet -Itenders/virtio

$(eval $(call program,solo5-virtio-run,$(VIRTIO_COMMON) $(VIRTIO_USERNET) \
    $(addprefix tenders/virtio/,command.c qemu.c run.c),$(VIRTIO_CFLAGS),))

# The loaders that solo5-virtio-mkimage puts on disks: of the BIOS in 16 and 32 bits, of UEFI in 64,
# both without a C library, as bytes that its loaders.S takes in.
LOADER := tenders/virtio/loader
LOADER_OUT := $(B)/gen/virtio
LOADER_CFLAGS := -std=gnu17 -Os -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fcf-protection=none -mno-red-zone -mgeneral-regs-only
LOADER_bios := -m32 -march=i686 -fno-pic -fno-pie
LOADER_efi := -m64 -fpie -fvisibility=hidden
LOADER_LINK_bios := -m elf_i386
LOADER_LINK_efi := -m elf_x86_64 -pie --no-dynamic-linker

# loader NAME,SOURCES
define loader
$(LOADER_OUT)/$(1).bin: $(patsubst %,$(LOADER_OUT)/%.o,$(2)) $(LOADER)/$(1).lds
	$$(call say,LINK,$$@)
	$$(Q)ld $(LOADER_LINK_$(1)) -z noexecstack --no-warn-rwx-segments -T $(LOADER)/$(1).lds -o $$@.elf \
	    $$(filter %.o,$$^)
	$$(Q)! readelf -rW $$@.elf | grep -q '^Relocation section'
	$$(Q)objcopy -O binary -j .boot -j .text $$@.elf $$@
$(patsubst %,$(LOADER_OUT)/%.o,$(2)): $(LOADER_OUT)/%.o: $(LOADER)/% $(B)/config.mk
	$$(call say,CC,$$<)
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(LOADER_$(1)) $(LOADER_CFLAGS) $(WARNINGS) -MMD -MP -c -o $$@ $$<
-include $(patsubst %,$(LOADER_OUT)/%.d,$(2))
endef
$(eval $(call loader,bios,bios.S bios.c))
$(eval $(call loader,efi,efi_enter.S efi.c))

$(eval $(call program,solo5-virtio-mkimage,$(VIRTIO_COMMON) $(addprefix tenders/virtio/,bytes.c fat.c \
    gce.c iso.c layout.c loaders.S mkimage.c output.c parts.c payload.c pe.c qcow2.c vhdx.c vmdk.c),\
    $(VIRTIO_CFLAGS) -I$(LOADER_OUT),))
$(B)/obj/solo5-virtio-mkimage/tenders/virtio/loaders.S.o: $(LOADER_OUT)/bios.bin $(LOADER_OUT)/efi.bin
endif
