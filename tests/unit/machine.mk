# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What the targets share that own a machine.

$(eval $(call unit_test,machine_clock,,-Ibindings/common -Ibindings/machine \
    -Ibindings/cpu/$(ARCH) -fno-builtin))
$(eval $(call unit_test,machine_protocols,bindings/machine/protocols.c,-Ibindings/common \
    -Ibindings/machine -fno-builtin))

$(eval $(call unit_test,machine_console,tests/unit/machine_fake/fake.c bindings/machine/console.c,\
    $(MACHINE_FAKE_CFLAGS)))

$(eval $(call unit_test,interrupt,bindings/cpu/$(ARCH)/interrupt.S,-fno-pie,-no-pie))

# Where the image of that test begins and ends.
MACHINE_MEMORY_IMAGE := _stext=0x50100000 _etext=0x50104000 _erodata=0x50105000 _end=0x56126100
$(eval $(call unit_test,machine_memory,,-Ibindings/common -Ibindings/machine -Ibindings/cpu/$(ARCH) -fno-builtin -fno-pie \
    $(foreach s,_stext _etext _erodata _end,-D$(s)=test$(s)),-no-pie \
    $(patsubst %,-Xlinker --defsym=test%,$(MACHINE_MEMORY_IMAGE))))
