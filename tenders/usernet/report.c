/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Lines for the person: see report.h.
 */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

#include "error.h"

void report(const char *format, ...)
{
    struct error line;
    va_list args;

    va_start(args, format);
    vsnprintf(line.text, sizeof line.text, format, args);
    va_end(args);
    error_print("solo5-usernet", line.text);
}
