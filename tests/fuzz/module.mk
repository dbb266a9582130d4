# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Fuzzers. Each is tests/fuzz/NAME.c with its corpus in the folder tests/fuzz/NAME. `make check`
# replays the corpora; `make fuzz` runs libFuzzer on each for FUZZ_SECONDS, and keeps what it
# learns in $(B)/fuzz/NAME.corpus.

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

# fuzzer NAME,SOURCES,EXTRA_CFLAGS,LIBS
define fuzzer
$(call link_program,$$(CC),$(B)/tests/fuzz_$(strip $(1)),tests/fuzz_$(strip $(1)),\
    tests/fuzz/replay.c tests/fuzz/$(strip $(1)).c $(2),$(3) $(FUZZ_SANITIZE),$(4),$(FUZZ_SANITIZE))
$(call link_program,$$(FUZZ_CC),$(B)/fuzz/$(strip $(1)),fuzz/$(strip $(1)),\
    tests/fuzz/$(strip $(1)).c $(2),$(3),$(4),$(FUZZ_SANITIZE) -fsanitize=fuzzer)
SUITES += fuzz_$(strip $(1))
SUITE_fuzz_$(strip $(1)) = 120 $(B)/tests/fuzz_$(strip $(1)) tests/fuzz/$(strip $(1))/*
SUITE_DEPS += $(B)/tests/fuzz_$(strip $(1))
FUZZERS += $(strip $(1))
endef

$(eval $(call fuzzer,manifest_json,$(ELFTOOL_PARTS),$(ELFTOOL_CFLAGS) -Itools/elftool,$(ELFTOOL_LIBS)))
$(eval $(call fuzzer,elf_notes,$(ELFTOOL_PARTS),$(ELFTOOL_CFLAGS) -Itools/elftool,$(ELFTOOL_LIBS)))
$(eval $(call fuzzer,image,$(addprefix tenders/common/,image.c memory.c error.c mft.c),\
    -Itenders/common/$(ARCH)))
$(eval $(call fuzzer,hypercall,$(addprefix tenders/common/,image.c memory.c error.c mft.c devices.c net.c block.c \
    options.c parse.c) $(addprefix tenders/hvt/,hypercall.c $(ARCH)/tables.c),\
    -Itenders/common/$(ARCH) -Itenders/hvt))
$(eval $(call fuzzer,ring,$(addprefix tenders/common/,block.c devices.c error.c image.c memory.c mft.c \
    net.c options.c parse.c) $(addprefix tenders/hvt/,ring.c ring_block.c ring_net.c solo5_ring.c turn.c),\
    -Itenders/common/$(ARCH) -Itenders/hvt))
$(eval $(call fuzzer,usernet,$(USERNET_PARTS),-Itenders/usernet))
$(eval $(call fuzzer,http_parse,examples/http/http_parse.c,-Iexamples/http,))

.PHONY: $(addprefix fuzz-,$(FUZZERS))
fuzz: $(addprefix fuzz-,$(FUZZERS))
$(addprefix fuzz-,$(FUZZERS)): fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/fuzz/$*.corpus
	$(B)/fuzz/$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=$(B)/fuzz/$*- \
	    $(B)/fuzz/$*.corpus tests/fuzz/$*
