/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the runtime's own code calls in solo5.h, for tests on the host: a console that is kept, ends
 * that come back, a clock that only waiting moves.
 */
#ifndef RUNTIME_FAKE_H
#define RUNTIME_FAKE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake {
    char console[1024];
    size_t console_len;
    int status; /* of solo5_exit; 255 of solo5_abort */
    jmp_buf end;
    uint64_t now_ns;      /* both clocks */
    uint64_t ready;       /* what the next solo5_yield finds, at once */
    unsigned yields;      /* calls of solo5_yield */
    uint64_t deadline_ns; /* of the last */
    uintptr_t guard;      /* the last page that became a guard */
    bool no_guards;
    bool has_seed; /* seed is the tender's */
    uint64_t seed[2];
};

extern struct fake fake;

/* `if (!fake_ends()) call();` returns there when (call) ended the program. */
#define fake_ends() (setjmp(fake.end) != 0)

#endif
