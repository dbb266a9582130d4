/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See watch.h.
 */
#include "watch.h"

#include <stddef.h>

void watch_set_init(struct watch_set *set, void (*gone)(struct watch *w))
{
    *set = (struct watch_set){.gone = gone};
    set->ready_last = &set->ready_first;
}

void watch_set_ready(struct watch *w)
{
    struct watch_set *set = w->set;

    if (w->ready_pprev != NULL)
        return;
    w->ready_next = NULL;
    w->ready_pprev = set->ready_last;
    *set->ready_last = w;
    set->ready_last = &w->ready_next;
}

void watch_set_idle(struct watch *w)
{
    if (w->ready_pprev == NULL)
        return;
    *w->ready_pprev = w->ready_next;
    if (w->ready_next != NULL)
        w->ready_next->ready_pprev = w->ready_pprev;
    else
        w->set->ready_last = w->ready_pprev;
    w->ready_pprev = NULL;
}

void watch_begin(struct watch *w, struct watch_set *set, const struct fd *entry)
{
    struct watch **list = entry->ops->watches(entry->obj);

    *w = (struct watch){
        .next = *list, .pprev = list, .set = set, .ops = entry->ops, .obj = entry->obj};
    if (w->next != NULL)
        w->next->pprev = &w->next;
    *list = w;
}

static void wake(struct watch *w)
{
    watch_set_ready(w);
    sched_wake_one(&w->set->waiting);
    watch_notify(w->set->watches, POLLIN | POLLRDNORM);
}

void watch_for(struct watch *w, short events)
{
    w->events = (short)(events | WATCH_ALWAYS);
    if (watch_state(w) != 0)
        wake(w);
}

void watch_end(struct watch *w)
{
    watch_set_idle(w);
    if (w->pprev == NULL)
        return;
    *w->pprev = w->next;
    if (w->next != NULL)
        w->next->pprev = w->pprev;
    w->pprev = NULL;
}

short watch_state(const struct watch *w)
{
    return (short)(w->events != 0 ? w->ops->poll(w->obj) & w->events : 0);
}

void watch_notify(struct watch *watches, short events)
{
    for (struct watch *w = watches; w != NULL; w = w->next) {
        if ((events & w->events) != 0)
            wake(w);
    }
}

void watch_forget(struct watch **watches)
{
    while (*watches != NULL) {
        struct watch *w = *watches;

        watch_end(w);
        w->set->gone(w);
    }
}
