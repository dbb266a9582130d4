# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What the targets share that own a machine.

$(eval $(call unit_test,machine_clock,,-Ibindings/common -Ibindings/machine \
    -Ibindings/cpu/$(ARCH) -fno-builtin))
$(eval $(call unit_test,machine_protocols,bindings/machine/protocols.c,-Ibindings/common \
    -Ibindings/machine -fno-builtin))
