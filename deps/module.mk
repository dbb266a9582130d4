# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Third-party sources: $(B)/deps/NAME/ is built when $(B)/deps/NAME.stamp is.

$(B)/deps/%.stamp: deps/%/recipe deps/build.sh $(B)/config.mk
	@CC='$(CC)' deps/build.sh $* $(B)/deps
	@touch $@
