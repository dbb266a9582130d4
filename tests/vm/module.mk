# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The emulated host: its helpers, which run on the build machine and inside.

$(eval $(call build_tool,vm-exit,tests/vm/vm-exit.c,,-static))
$(eval $(call build_tool,kvm-usable,tests/vm/kvm-usable.c tenders/common/kvm_usable.c,,-static))

SUITES += vm
SUITE_vm = 600 tests/vm/vm-test
SUITE_DEPS += $(B)/tool/vm-exit $(B)/tool/kvm-usable
