# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What a person has after `make install`, and whether two builds are the same.

SUITES += install reproducible
SUITE_install = 180 tests/install/install
SUITE_reproducible = 400 tests/install/reproducible
