/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One thread besides the first, which never ends: as pthread_create(3) has it, without attributes.
 * Each of the two has its own errno, found by the stack that it is on, since neither has a thread
 * pointer.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#define GUARD 4096
#define STACK 65536

static _Alignas(4096) char stack[GUARD + STACK];
static int error_numbers[2];

/* Asm: makes the thread, which calls start(arg) on that stack. Returns as clone(2). */
long thread_clone(unsigned long flags, void *stack_end, void *(*start)(void *), void *arg);

int *__errno_location(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    return &error_numbers[here - (uintptr_t)stack < sizeof stack];
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *arg)
{
    static bool used;
    long id;

    if (used || attributes != NULL)
        return EAGAIN;
    mprotect(stack, GUARD, PROT_NONE);
    id = thread_clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                          CLONE_SYSVSEM,
                      stack + sizeof stack, start, arg);
    if (id < 0)
        return (int)-id;
    used = true;
    *thread = (pthread_t)id;
    return 0;
}
