# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# From a clone to a page: it configures by itself, so nothing here needs build/config.mk.

quickstart:
	+@MAKE='$(MAKE)' exec tools/quickstart/quickstart.sh

# With a recipe, so that nothing is said of what is up to date.
.PHONY: quickstart-build
quickstart-build: $(BIN)/solo5-usernet $(BIN)/solo5-spt $(B)/examples/http.spt
	@:
