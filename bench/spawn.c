/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * spawn: times two commands from exec to exit, in turn, and prints the two medians in nanoseconds.
 * Usage: spawn RUNS COMMAND-A... -- COMMAND-B...
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Runs a command with its output thrown away; returns how long it took, or ends the program. */
static uint64_t run(char **argv, const posix_spawn_file_actions_t *quiet)
{
    pid_t pid;
    int status;
    uint64_t begin = now_ns();
    int error = posix_spawn(&pid, argv[0], quiet, NULL, argv, environ);
    if (error != 0) {
        fprintf(stderr, "spawn: %s: %s\n", argv[0], strerror(error));
        exit(1);
    }
    while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
        continue;
    uint64_t took = now_ns() - begin;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "spawn: %s: ended with status 0x%x\n", argv[0], (unsigned)status);
        exit(1);
    }
    return took;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t median(uint64_t *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, compare);
    return samples[count / 2];
}

int main(int argc, char **argv)
{
    int split = 2;
    while (split < argc && strcmp(argv[split], "--") != 0)
        split++;
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (runs == 0 || runs > 100000 || split == 2 || split + 1 >= argc) {
        fprintf(stderr, "usage: spawn RUNS COMMAND-A... -- COMMAND-B...\n");
        return 2;
    }
    argv[split] = NULL;
    char **a = argv + 2, **b = argv + split + 1;
    uint64_t *times = calloc(2 * runs, sizeof *times);
    if (times == NULL)
        return 1;
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    run(a, &quiet); /* once for the caches */
    run(b, &quiet);
    for (size_t i = 0; i < runs; i++) {
        times[i] = run(a, &quiet);
        times[runs + i] = run(b, &quiet);
    }
    printf("%llu %llu\n", (unsigned long long)median(times, runs),
           (unsigned long long)median(times + runs, runs));
    return 0;
}
