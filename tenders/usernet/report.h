/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Lines for the person, on standard error.
 */
#ifndef QUINTET_TENDERS_USERNET_REPORT_H
#define QUINTET_TENDERS_USERNET_REPORT_H

/* Writes `solo5-usernet: ` and the formatted text as one line. */
__attribute__((format(printf, 1, 2))) void report(const char *format, ...);

#endif
