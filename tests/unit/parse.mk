# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors

$(eval $(call unit_test,parse,tenders/common/parse.c))
