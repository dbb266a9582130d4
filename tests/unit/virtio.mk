# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The virtio target's own, against a machine that is a fake: tests/fuzz/module.mk.

$(eval $(call unit_test,virtio_pci,$(VIRTIO_PCI_PARTS),$(MACHINE_FAKE_CFLAGS)))
$(eval $(call unit_test,virtio_probe,$(sort $(VIRTIO_PCI_PARTS) $(VIRTIO_WORDS_PARTS)) bindings/virtio/probe.c,\
    $(MACHINE_FAKE_CFLAGS)))
$(eval $(call unit_test,virtio_wait,bindings/virtio/wait.c,-Ibindings/virtio -Ibindings/machine \
    $(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_acpi,$(VIRTIO_ACPI_PARTS),$(MACHINE_FAKE_CFLAGS)))
$(eval $(call unit_test,virtio_console,tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS) bindings/virtio/console.c,\
    -Ibindings/virtio $(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_entropy,tests/unit/virtio_fake.c $(VIRTQUEUE_PARTS) bindings/virtio/entropy.c,\
    -Ibindings/virtio -Ibindings/machine $(VIRTQUEUE_TEST_CFLAGS)))
$(eval $(call unit_test,virtio_words,$(VIRTIO_WORDS_PARTS),$(MACHINE_FAKE_CFLAGS)))

# Of solo5-virtio-mkimage, the format that counts.
$(eval $(call unit_test,qcow2,tenders/virtio/qcow2.c,-Itenders/common/$(ARCH) -Itenders/virtio))
