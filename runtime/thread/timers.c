/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See timers.h.
 */
#include "thread/timers.h"

#include <stddef.h>

/* Joins two heaps, neither NULL; neither root has siblings. */
static struct timer *join(struct timer *a, struct timer *b)
{
    if (b->deadline_ns < a->deadline_ns) {
        struct timer *swap = a;
        a = b;
        b = swap;
    }
    b->before = a;
    b->sibling = a->child;
    if (b->sibling != NULL)
        b->sibling->before = b;
    a->child = b;
    return a;
}

/* Joins a list of siblings to one heap: in pairs from left to right, then these from right to left,
 * which is what keeps removal cheap. */
static struct timer *join_siblings(struct timer *first)
{
    struct timer *pairs = NULL;
    struct timer *all = NULL;

    while (first != NULL) {
        struct timer *a = first;
        struct timer *b = a->sibling;
        first = b != NULL ? b->sibling : NULL;
        a->sibling = NULL;
        if (b != NULL) {
            b->sibling = NULL;
            a = join(a, b);
        }
        a->sibling = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct timer *next = pairs->sibling;
        pairs->sibling = NULL;
        all = all == NULL ? pairs : join(all, pairs);
        pairs = next;
    }
    return all;
}

void timers_add(struct timer **root, struct timer *timer)
{
    timer->child = NULL;
    timer->sibling = NULL;
    timer->before = NULL;
    *root = *root == NULL ? timer : join(*root, timer);
    (*root)->before = NULL;
}

void timers_remove(struct timer **root, struct timer *timer)
{
    struct timer *rest = join_siblings(timer->child);

    if (timer == *root) {
        *root = rest;
    } else {
        if (timer->before->child == timer)
            timer->before->child = timer->sibling;
        else
            timer->before->sibling = timer->sibling;
        if (timer->sibling != NULL)
            timer->sibling->before = timer->before;
        if (rest != NULL)
            *root = join(*root, rest);
    }
    if (*root != NULL)
        (*root)->before = NULL;
}
