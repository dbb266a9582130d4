/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Signals of a tender: see signals.h. A sandbox around the tender may refuse any of these calls;
 * then signals do what they do by default.
 */
#include "signals.h"

#include <stddef.h>
#include <sys/mman.h>

/* Asm: exit_group(128 + signal). It may run on the guest's registers and thread pointer, where C
 * that the compiler guards against broken stacks cannot. */
void signals_exit(int signal);

/* At least SPT_TRAP_STACK_SIZE and the largest signal frame that a processor has. */
#define STACK_SIZE 65536

static const int ends[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

static void set(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK}, before;

    /* Who starts a program with nohup(1), or in the background, wants these ignored. */
    if (sigaction(signal, &action, &before) == 0 && before.sa_handler == SIG_IGN &&
        signal != SIGTERM && handler != SIG_IGN)
        sigaction(signal, &before, NULL);
}

void signals_init(void)
{
    /* A mapping of its own: an spt guest, whose trap handler runs on it, has nothing else there. */
    stack_t stack = {
        .ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        .ss_size = STACK_SIZE};
    sigset_t none;

    if (stack.ss_sp != MAP_FAILED)
        sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        set(ends[i], signals_exit);
    set(SIGPIPE, SIG_IGN);
    set(SIGXFSZ, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void signals_set_trap(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {
        .sa_sigaction = handler,
        .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESETHAND),
    };

    sigaction(signal, &action, NULL);
}
