# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Interoperability with Solo5 0.12: make check-interop SOLO5=/path/to/solo5

SUITES += interop
SUITE_interop := 240 tests/interop/run
