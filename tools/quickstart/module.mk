# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# From a clone to a page: it configures by itself, so nothing here needs build/config.mk.

quickstart:
	+@MAKE='$(MAKE)' exec tools/quickstart/quickstart.sh
