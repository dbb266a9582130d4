# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The examples: a folder each, NAME.c beside its manifest.json.

EXAMPLES_BARE := hello-solo5
EXAMPLES_RUNTIME := $(if $(filter yes,$(CONFIG_RUNTIME)),$(filter-out $(EXAMPLES_BARE), \
    $(patsubst examples/%/manifest.json,%,$(wildcard examples/*/manifest.json))))

$(foreach e,$(EXAMPLES_BARE),$(eval $(call guest_image,$(B)/examples/$(e), \
    examples/$(e)/$(e).c,examples/$(e)/manifest.json,$(EXAMPLE_FLAGS_$(e)))))
$(foreach e,$(EXAMPLES_RUNTIME),$(eval $(call runtime_image,$(B)/examples/$(e), \
    examples/$(e)/$(e).c,examples/$(e)/manifest.json,$(EXAMPLE_FLAGS_$(e)))))
all: $(foreach t,$(TARGETS),$(patsubst %,$(B)/examples/%.$(t),$(EXAMPLES_BARE) $(EXAMPLES_RUNTIME)))
