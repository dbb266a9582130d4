/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ends of a program: by its own wish, by a broken stack, abnormally.
 */
#include "bindings.h"

void __stack_chk_fail(void) __attribute__((noreturn));

void solo5_exit(int status)
{
    log_write(LOG_DEBUG, "exit with status %u", (unsigned)status & 0xff);
    target_exit(status, NULL);
}

void solo5_abort(void)
{
    log_write(LOG_ERROR, "aborted");
    target_exit(SOLO5_EXIT_ABORT, NULL);
}

void __stack_chk_fail(void)
{
    log_write(LOG_ERROR,
              "stack smashed: a function wrote past a buffer on its stack; its return "
              "address or that of its caller is near %llx",
              (unsigned long long)(uintptr_t)__builtin_return_address(0));
    solo5_abort();
}
