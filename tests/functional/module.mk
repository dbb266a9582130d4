# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The functional tests: a program a folder, each an image for each target.

FUNCTIONAL := tests/functional
FUNCTIONAL_PROGRAMS := block block_async block_two cmdline console exit fault fpu globals heap hello io_net many net net2 ssp time tls
FUNCTIONAL_ONLY_hvt := hypercall ring_hostile ring_solo5 timer_early
FUNCTIONAL_ONLY_spt := seccomp uring
FUNCTIONAL_ONLY_virtio := big large
FUNCTIONAL_MORE_io_net := $(FUNCTIONAL)/common/echo.c
FUNCTIONAL_MORE_net := $(FUNCTIONAL)/common/echo.c
FUNCTIONAL_MORE_net2 := $(FUNCTIONAL)/common/echo.c

# functional_program NAME,MANIFEST
define functional_program
$(call guest_image,$(B)/tests/functional/$(1),$(FUNCTIONAL)/$(1)/$(1).c $(FUNCTIONAL)/common/test.c \
    $(FUNCTIONAL_MORE_$(1)),$(2),-I$(FUNCTIONAL)/common)
endef

# The most devices that a manifest can have: 32 disks and 31 networks.
$(B)/tests/functional/many.json: $(FUNCTIONAL)/module.mk
	@mkdir -p $(@D)
	$(Q){ echo '{ "type": "solo5.manifest", "version": 1, "devices": ['; \
	    for i in $$(seq 0 31); do echo "{ \"name\": \"disk$$i\", \"type\": \"BLOCK_BASIC\" },"; done; \
	    for i in $$(seq 0 29); do echo "{ \"name\": \"net$$i\", \"type\": \"NET_BASIC\" },"; done; \
	    echo '{ "name": "net30", "type": "NET_BASIC" } ] }'; } > $@

functional_manifest = $(if $(filter many,$(1)),$(B)/tests/functional/many.json,$(firstword \
    $(wildcard $(FUNCTIONAL)/$(1)/manifest.json) $(FUNCTIONAL)/manifest.json))
$(foreach p,$(FUNCTIONAL_PROGRAMS) $(foreach t,$(TARGETS),$(FUNCTIONAL_ONLY_$(t))), \
    $(eval $(call functional_program,$(p),$(call functional_manifest,$(p)))))
$(eval $(call test_program,netpeer,$(FUNCTIONAL)/netpeer.c,,$(STATIC)))
$(eval $(call test_program,nouring,$(FUNCTIONAL)/nouring.c,,$(STATIC)))

# functional_suite TARGET
define functional_suite
SUITES += functional-$(1)
SUITE_functional-$(1) = $(if $(filter xen virtio,$(1)),600,300) $(FUNCTIONAL)/run $(1)
SUITE_DEPS += $(patsubst %,$(B)/tests/functional/%.$(1),$(FUNCTIONAL_PROGRAMS) $(FUNCTIONAL_ONLY_$(1))) \
    $(B)/tests/netpeer $(B)/tests/nouring $(B)/tool/kvm-usable $(B)/tool/vm-exit
endef
$(foreach t,$(TARGETS),$(eval $(call functional_suite,$(t))))
