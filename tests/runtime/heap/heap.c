/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * malloc on the real heap: all of it used, given back, and misuse ended with a message.
 */
#include <errno.h>
#include <malloc.h>
#include <quintet.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

#define SLOTS 1000
#define CHUNK 65536

static void stress(void)
{
    static char *slots[SLOTS];
    struct rt_heap_stats before, after;

    rt_heap_stats(&before);
    srand(1);
    for (int i = 0; i < 200000; i++) {
        int s = rand() % SLOTS;
        if (slots[s] != NULL) {
            check(slots[s][0] == (char)s);
            free(slots[s]);
            slots[s] = NULL;
        } else {
            size_t size = 1 + (size_t)rand() % (rand() % 50 == 0 ? 50000 : 500);
            slots[s] = malloc(size);
            check(slots[s] != NULL);
            memset(slots[s], s, size);
        }
    }
    for (int s = 0; s < SLOTS; s++)
        free(slots[s]);
    rt_heap_stats(&after);
    check(after.used == before.used && after.block_count == before.block_count);
    check(after.top == before.top);
}

static void exhaust(void)
{
    struct list {
        struct list *next;
    } *all = NULL;
    struct rt_heap_stats before, full, after;

    rt_heap_stats(&before);
    for (struct list *p; (p = malloc(CHUNK)) != NULL; all = p)
        p->next = all;
    check(errno == ENOMEM);
    rt_heap_stats(&full);
    check(full.total - full.top < CHUNK + 64);
    while (all != NULL) {
        struct list *next = all->next;
        free(all);
        all = next;
    }
    rt_heap_stats(&after);
    check(after.used == before.used && after.top == before.top);
    printf("filled %zu of %zu KiB\n", full.used / 1024, full.total / 1024);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    char *volatile p = malloc(100);
    char *volatile wall = malloc(100);

    check(p != NULL && wall != NULL);
    if (strcmp(what, "double") == 0) {
        free(p);
        free(p);
    } else if (strcmp(what, "overflow") == 0) {
        memset(p, 1, 120);
        __asm__ volatile("" : : "r"(p) : "memory"); /* or the compiler leaves it out */
        free(p);
    } else if (strcmp(what, "stack") == 0) {
        char *volatile local = (char *)&p;
        free(local);
    } else {
        if (strcmp(what, "exhaust") != 0)
            stress();
        exhaust();
        check(mallinfo().uordblks > 0);
        free(p);
        free(wall);
        printf("SUCCESS\n");
    }
    return 0;
}
