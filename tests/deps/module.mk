# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The script that fetches and builds third-party sources.

SUITES += deps
SUITE_deps = 60 tests/deps/run
