# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Functional tests of the runtime: a program a folder, run on spt, which needs no KVM.

ifeq ($(CONFIG_RUNTIME)$(CONFIG_SPT),yesyes)
RUNTIME_TESTS := $(patsubst tests/runtime/%/,%,$(dir $(wildcard tests/runtime/*/*.c)))

$(foreach t,$(RUNTIME_TESTS),$(eval $(call runtime_image,$(B)/tests/runtime/$(t),\
    tests/runtime/$(t)/$(t).c,tests/runtime/manifest.json,-Itests/runtime/common)))

SUITES += runtime
SUITE_runtime = 120 tests/runtime/run $(BIN)/solo5-spt $(B)/tests/runtime
SUITE_DEPS += $(patsubst %,$(B)/tests/runtime/%.spt,$(RUNTIME_TESTS))
endif
