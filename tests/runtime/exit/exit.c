/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ends of a program, by its argument, and what runs before and after main.
 */
#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static int started;

__attribute__((constructor)) static void construct(void)
{
    started++;
    printf("constructor\n");
}

__attribute__((destructor)) static void destruct(void)
{
    printf("destructor\n");
}

static void first(void)
{
    printf("atexit 1\n");
}

static void second(void)
{
    printf("atexit 2\n");
    exit(9); /* goes on with what is left */
}

static void many(void)
{
    started++;
}

static void on_signal(int number)
{
    printf("signal %d\n", number);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "return";

    check(started == 1);
    atexit(first);
    if (strcmp(how, "return") == 0)
        return 3;
    if (strcmp(how, "again") == 0) {
        atexit(second);
        return 3;
    }
    if (strcmp(how, "many") == 0)
        for (int i = 0; i < 100; i++)
            check(atexit(many) == 0);
    if (strcmp(how, "_exit") == 0)
        _exit(300);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "assert") == 0)
        assert(argc == 77);
    if (strcmp(how, "raise") == 0) {
        struct sigaction action = {.sa_handler = on_signal}, old;
        check(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == SIG_DFL);
        check(raise(SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
        check(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == on_signal);
        check(signal(SIGPIPE, SIG_IGN) == SIG_DFL && raise(SIGPIPE) == 0);
        check(kill(77, SIGUSR1) == -1);
        raise(SIGTERM);
    }
    exit(how[0] == 'm' ? 0 : 6);
}
