# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Fuzzers. Each is tests/fuzz/NAME.c with its corpus in the folder tests/fuzz/NAME. `make check`
# replays the corpora; `make fuzz` runs libFuzzer on each for FUZZ_SECONDS, and keeps what it
# learns in $(B)/fuzz/NAME.corpus.

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

# fuzzer NAME,SOURCES,EXTRA_CFLAGS,LIBS
define fuzzer
$(call link_program,$$(CC),$(B)/tests/fuzz_$(strip $(1)),tests/fuzz_$(strip $(1)),\
    tests/fuzz/replay.c tests/fuzz/$(strip $(1)).c $(2),$(3) $(FUZZ_SANITIZE),$(4),$(FUZZ_SANITIZE))
$(call link_program,$$(FUZZ_CC),$(B)/fuzz/$(strip $(1)),fuzz/$(strip $(1)),\
    tests/fuzz/$(strip $(1)).c $(2),$(3),$(4),$(FUZZ_SANITIZE) -fsanitize=fuzzer)
SUITES += fuzz_$(strip $(1))
SUITE_fuzz_$(strip $(1)) = 120 $(B)/tests/fuzz_$(strip $(1)) tests/fuzz/$(strip $(1))/*
SUITE_DEPS += $(B)/tests/fuzz_$(strip $(1))
FUZZERS += $(strip $(1))
endef

$(eval $(call fuzzer,manifest_json,$(ELFTOOL_PARTS),$(ELFTOOL_CFLAGS) -Itools/elftool,$(ELFTOOL_LIBS)))
$(eval $(call fuzzer,elf_notes,$(ELFTOOL_PARTS),$(ELFTOOL_CFLAGS) -Itools/elftool,$(ELFTOOL_LIBS)))
$(eval $(call fuzzer,image,$(addprefix tenders/common/,image.c memory.c error.c mft.c),\
    -Itenders/common/$(ARCH)))
$(eval $(call fuzzer,hypercall,$(addprefix tenders/common/,image.c memory.c error.c mft.c devices.c net.c block.c \
    options.c parse.c) $(addprefix tenders/hvt/,hypercall.c $(ARCH)/tables.c),\
    -Itenders/common/$(ARCH) -Itenders/hvt))
$(eval $(call fuzzer,ring,$(addprefix tenders/common/,block.c devices.c error.c image.c memory.c mft.c \
    net.c options.c parse.c) $(addprefix tenders/hvt/,ring.c ring_block.c ring_net.c solo5_ring.c turn.c),\
    -Itenders/common/$(ARCH) -Itenders/hvt))
$(eval $(call fuzzer,usernet,$(USERNET_PARTS),-Itenders/usernet))
$(eval $(call fuzzer,http_parse,examples/http/http_parse.c,-Iexamples/http,))

# The virtio target's own, against a machine that is a fake; tests/unit/virtio.mk has them too.
MACHINE_FAKE_CFLAGS := -Itests/unit/machine_fake -Ibindings/virtio -Ibindings/virtqueue -Ibindings/machine \
    -Ibindings/common -fno-builtin
virtio_parts = tests/unit/machine_fake/fake.c $(patsubst %,bindings/virtio/%.c,$(1))
VIRTIO_PCI_PARTS := $(call virtio_parts,pci transport virtio_pci virtio_legacy virtio_mmio msix)
VIRTIO_ACPI_PARTS := $(call virtio_parts,acpi aml mmio_words) bindings/machine/words.c
VIRTIO_WORDS_PARTS := $(call virtio_parts,mmio_words) $(addprefix bindings/machine/,words.c match.c)
$(eval $(call fuzzer,virtio_transport,$(VIRTIO_PCI_PARTS),$(MACHINE_FAKE_CFLAGS)))
$(eval $(call fuzzer,acpi,$(VIRTIO_ACPI_PARTS),$(MACHINE_FAKE_CFLAGS)))
$(eval $(call fuzzer,virtio_words,$(VIRTIO_WORDS_PARTS),$(MACHINE_FAKE_CFLAGS)))

# virtio's drivers over a device that lies; the parts are also the unit tests'.
VIRTQUEUE_TEST_CFLAGS := -Ibindings/virtqueue -Ibindings/common -Itests/unit
VIRTQUEUE_PARTS := $(addprefix bindings/virtqueue/,virtqueue.c split.c packed.c)
VIRTIO_PARTS := tests/unit/virtio_fake.c tests/unit/virtio_target.c $(VIRTQUEUE_PARTS) \
    bindings/virtio/calls.c $(addprefix bindings/virtqueue/,virtio_net.c net_control.c virtio_blk.c) \
    $(addprefix bindings/common/,block.c block_io.c block_plain.c devices.c net.c net_direct.c \
    net_io.c net_plain.c)
$(eval $(call fuzzer,virtqueue,tests/fuzz/virtio_hostile.c tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS),\
    $(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call fuzzer,virtio_net,tests/fuzz/virtio_hostile.c $(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call fuzzer,virtio_read,tests/fuzz/virtio_hostile.c $(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call fuzzer,virtio_blk,tests/fuzz/virtio_hostile.c $(VIRTIO_PARTS),$(VIRTQUEUE_TEST_CFLAGS)))

VIRTIO_CONSOLE_PARTS := tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS) bindings/virtio/console.c
VIRTIO_ENTROPY_PARTS := tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS) bindings/virtio/entropy.c
VIRTIO_PROBED_CFLAGS := -Ibindings/virtio -Ibindings/machine $(VIRTQUEUE_TEST_CFLAGS)
$(eval $(call fuzzer,virtio_console,tests/fuzz/virtio_hostile.c $(VIRTIO_CONSOLE_PARTS),$(VIRTIO_PROBED_CFLAGS)))
$(eval $(call fuzzer,virtio_entropy,tests/fuzz/virtio_hostile.c $(VIRTIO_ENTROPY_PARTS),$(VIRTIO_PROBED_CFLAGS)))

# Xen's drivers, its console and its store's client, over backends that lie.
ifneq ($(filter xen,$(TARGETS)),)
XEN_FAKE_CFLAGS := -Itests/xen -Itests/fuzz -Ibindings/xen -Ibindings/machine -Ibindings/common \
    -Ibindings/cpu/$(ARCH) -fno-builtin -Wno-pointer-sign
XEN_NET_PARTS := $(addprefix tests/xen/,fake.c fake_net.c fake_store.c) $(addprefix bindings/xen/,netfront.c netfront_rx.c netfront_tx.c \
    checksum.c grant.c)
XEN_BLK_PARTS := tests/xen/fake.c tests/xen/fake_store.c $(addprefix bindings/xen/,blkfront.c grant.c)
XEN_CONSOLE_PARTS := tests/xen/fake.c bindings/xen/console.c
XEN_STORE_PARTS := tests/xen/fake.c tests/xen/fake_daemon.c bindings/xen/store.c
XEN_BUS_PARTS := tests/xen/fake_machine.c $(addprefix bindings/xen/,xen.c bus.c control.c store.c)
$(eval $(call fuzzer,xen_net,$(XEN_NET_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call fuzzer,xen_blk,$(XEN_BLK_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call fuzzer,xen_console,$(XEN_CONSOLE_PARTS),$(XEN_FAKE_CFLAGS)))
$(eval $(call fuzzer,xen_store,$(XEN_STORE_PARTS),$(XEN_FAKE_CFLAGS)))
endif

.PHONY: $(addprefix fuzz-,$(FUZZERS))
fuzz: $(addprefix fuzz-,$(FUZZERS))
$(addprefix fuzz-,$(FUZZERS)): fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/fuzz/$*.corpus
	$(B)/fuzz/$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=$(B)/fuzz/$*- \
	    $(B)/fuzz/$*.corpus tests/fuzz/$*
