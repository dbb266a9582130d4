#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# @TRIPLE@-objcopy: the ordinary objcopy, under the name that build systems look for.
exec "$(@CC@ -print-prog-name=objcopy)" "$@"
