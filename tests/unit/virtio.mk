# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The virtio target's own, against a machine that is a fake: tests/fuzz/module.mk.

$(eval $(call unit_test,virtio_pci,$(VIRTIO_PCI_PARTS),$(MACHINE_FAKE_CFLAGS)))
$(eval $(call unit_test,virtio_probe,$(sort $(VIRTIO_PCI_PARTS) $(VIRTIO_WORDS_PARTS)) bindings/virtio/probe.c,\
    $(MACHINE_FAKE_CFLAGS)))
$(eval $(call unit_test,virtio_wait,bindings/virtio/wait.c,$(VIRTIO_PROBED_CFLAGS)))
$(eval $(call unit_test,virtio_acpi,$(VIRTIO_ACPI_PARTS),$(MACHINE_FAKE_CFLAGS)))
$(eval $(call unit_test,virtio_console,$(VIRTIO_CONSOLE_PARTS),$(VIRTIO_PROBED_CFLAGS)))
$(eval $(call unit_test,virtio_entropy,$(VIRTIO_ENTROPY_PARTS),$(VIRTIO_PROBED_CFLAGS)))
$(eval $(call unit_test,virtio_words,$(VIRTIO_WORDS_PARTS),$(MACHINE_FAKE_CFLAGS)))

# Of solo5-virtio-mkimage, the format that counts.
$(eval $(call unit_test,qcow2,tenders/virtio/qcow2.c,-Itenders/common/$(ARCH) -Itenders/virtio))
