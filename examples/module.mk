# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The examples: a folder each, NAME.c beside its manifest.json. One of more files names them all in
# EXAMPLE_SOURCES_NAME.

EXAMPLES_BARE := hello-solo5
EXAMPLES_RUNTIME := $(if $(filter yes,$(CONFIG_RUNTIME)),$(filter-out $(EXAMPLES_BARE), \
    $(patsubst examples/%/manifest.json,%,$(wildcard examples/*/manifest.json))))

# http: the pages of www/ are packed into the program.
EXAMPLE_SOURCES_http := $(addprefix examples/http/,http.c conn.c reply.c http_parse.c) $(B)/gen/http-files.c
EXAMPLE_FLAGS_http := -Iexamples/http
$(eval $(call build_tool,http-pack,examples/http/pack.c,,))
$(B)/gen/http-files.c: $(B)/tool/http-pack $(shell find examples/http/www)
	$(call say,PACK,examples/http/www)
	@mkdir -p $(@D)
	$(Q)$< examples/http/www $@

example_sources = $(or $(EXAMPLE_SOURCES_$(1)),examples/$(1)/$(1).c)
$(foreach e,$(EXAMPLES_BARE),$(eval $(call guest_image,$(B)/examples/$(e), \
    $(call example_sources,$(e)),examples/$(e)/manifest.json,$(EXAMPLE_FLAGS_$(e)))))
$(foreach e,$(EXAMPLES_RUNTIME),$(eval $(call runtime_image,$(B)/examples/$(e), \
    $(call example_sources,$(e)),examples/$(e)/manifest.json,$(EXAMPLE_FLAGS_$(e)))))
all: $(foreach t,$(TARGETS),$(patsubst %,$(B)/examples/%.$(t),$(EXAMPLES_BARE) $(EXAMPLES_RUNTIME)))
