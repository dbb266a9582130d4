# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# make bench: ratios, measured side by side in one run; make bench-NAME: one of them.

$(eval $(call test_program,bench-spawn,bench/spawn.c,,))
$(eval $(call test_program,bench-first-answer,bench/first_answer.c,,))
$(eval $(call test_program,bench-return0,bench/return0.c,,-static))

# The unikernel beside fio.
$(eval $(call guest_image,$(B)/bench/blk,bench/guest/blk/blk.c tests/functional/common/test.c,\
    bench/guest/blk/manifest.json,-Itests/functional/common))

BENCHES := start size memory idle answer http block exits
BENCH_DEPS := $(addprefix $(B)/tests/bench-,spawn first-answer return0) \
    $(addprefix $(B)/bench/blk.,$(TARGETS))

.PHONY: bench $(addprefix bench-,$(BENCHES))
bench: all $(BENCH_DEPS)
	$(Q)bench/run $(BENCHES)
$(addprefix bench-,$(BENCHES)): bench-%: all $(BENCH_DEPS)
	$(Q)bench/run $*

# Bulk data: the unikernel, and its peer on the host.
$(eval $(call runtime_image,$(B)/bench/bulk,bench/guest/bulk/bulk.c,bench/guest/bulk/manifest.json,))
$(eval $(call test_program,bench-bulk,bench/guest/bulk/bulk.c,-pthread,-pthread))
BENCH_DEPS += $(B)/tests/bench-bulk $(addprefix $(B)/bench/bulk.,$(TARGETS))
