# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors

$(foreach t,usernet_cmdline usernet_frame usernet_wire,\
    $(eval $(call unit_test,$(t),$(USERNET_PARTS),-Itenders/usernet)))
