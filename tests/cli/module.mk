# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Tests of what a person types and reads.

SUITES += run-suites
SUITE_run-suites = 60 tests/cli/run-suites-test
