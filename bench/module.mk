# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# make bench: ratios, measured side by side in one run; make bench-NAME: one of them. ROUNDS=1
# SECONDS=1 is a short one, to try it; SOLO5=DIR compares with Solo5 as well.

$(eval $(call test_program,bench-spawn,bench/spawn.c,,))
$(eval $(call test_program,bench-first-answer,bench/first_answer.c,,))
$(eval $(call test_program,bench-return0,bench/return0.c,,-static))
$(eval $(call test_program,bench-udp-load,bench/udp_load.c,,))

# The unikernels beside fio, and beside Solo5's own test of networks.
$(eval $(call guest_image,$(B)/bench/blk,bench/guest/blk/blk.c tests/functional/common/test.c,\
    bench/guest/blk/manifest.json,-Itests/functional/common))
$(eval $(call guest_image,$(B)/bench/ping,bench/guest/ping/ping.c,bench/guest/ping/manifest.json,))

# Bulk data: the unikernel, and the same program on Linux.
$(eval $(call runtime_image,$(B)/bench/bulk,bench/guest/bulk/bulk.c,bench/guest/bulk/manifest.json,))
$(eval $(call test_program,bench-bulk,bench/guest/bulk/bulk.c,-pthread,-pthread))

# Calls that do not copy, and those that do.
$(B)/gen/bench-page:
	@mkdir -p $(@D)
	$(Q)head -c 1048576 /dev/zero | tr '\0' q >$@
$(eval $(call runtime_image,$(B)/bench/copies,bench/guest/copies/copies.c,bench/guest/copies/manifest.json,\
    -DPAGE_FILE='"$(B)/gen/bench-page"'))
$(B)/obj/$(B)/bench/copies/bench/guest/copies/copies.c.o: $(B)/gen/bench-page

BENCHES := start size memory idle answer tcp solo5 copies udp ping http connections block density cost exits \
    virtio-start virtio-ping virtio-kicks virtio-cost xen-bulk
BENCH_DEPS := $(addprefix $(B)/tests/bench-,spawn first-answer return0 udp-load bulk) \
    $(foreach g,blk bulk copies ping,$(addprefix $(B)/bench/$(g).,$(TARGETS))) \
    $(filter %.virtio %.xen,$(foreach t,hello net time,$(addprefix $(B)/tests/functional/$(t).,$(TARGETS)))) \
    $(B)/tool/vm-exit

.PHONY: bench bench-img $(addprefix bench-,$(BENCHES))
bench: all $(BENCH_DEPS)
	$(Q)bench/run $(BENCHES)
$(addprefix bench-,$(BENCHES)): bench-%: all $(BENCH_DEPS)
	$(Q)bench/run $*

# The plots of the documents, from what was measured last.
bench-img:
	$(Q)ls $(B)/bench/*.csv >/dev/null && bench/plot.py $(B)/bench docs/img
