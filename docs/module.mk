# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The man pages: installed, and linted by a suite.

INSTALL_MAN += $(wildcard docs/*.1 docs/*.3 docs/*.7)

SUITES += man
SUITE_man := 60 docs/lint $(wildcard docs/*.1 docs/*.3 docs/*.7)
