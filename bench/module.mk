# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# make bench: ratios, measured side by side in one run; make bench-NAME: one of them.

$(eval $(call test_program,bench-spawn,bench/spawn.c,,))
$(eval $(call test_program,bench-first-answer,bench/first_answer.c,,))
$(eval $(call test_program,bench-return0,bench/return0.c,,-static))

BENCHES := start size memory idle answer http exits
BENCH_DEPS := $(addprefix $(B)/tests/bench-,spawn first-answer return0)

.PHONY: bench $(addprefix bench-,$(BENCHES))
bench: all $(BENCH_DEPS)
	$(Q)bench/run $(BENCHES)
$(addprefix bench-,$(BENCHES)): bench-%: all $(BENCH_DEPS)
	$(Q)bench/run $*
