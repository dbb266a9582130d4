/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How the sanitizers' run-time library behaves in a tender that is built with it. The guest's
 * faults are the guest's, and at the end there are neither rights nor a stack to look for leaks
 * with.
 */

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0:use_sigaltstack=0:"
           "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_sigtrap=0";
}
