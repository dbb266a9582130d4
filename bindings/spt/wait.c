/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Waiting: the tender's epoll set has every network and a timer. Setting the timer and going to
 * sleep cost more than all else that a small packet does, so both are avoided: a timer that is set
 * to an earlier deadline is left so until it fires, and after packets have moved we look a few
 * times more before we sleep, as long as that has been of use.
 */
#include "bindings.h"

#include "arch.h"
#include "spt.h"
#include "spt_abi.h"
#include "syscall.h"

/* linux/timerfd.h, linux/eventpoll.h */
#define TFD_TIMER_ABSTIME 1

struct epoll_event {
    uint32_t events;
    uint64_t data;
} __attribute__((packed));

/* How often we look before we sleep: some 80 us, in which most peers that wait for us answer. */
#define LOOKS 400

/* Above this that is done only once in a while: the peer is slow, or it needs the processor that we
 * are on. A look in vain costs more than one that is not saves. */
#define VAIN_LIMIT 8
#define VAIN_MAX   16
#define SKIPS_MAX  128

/* A look that takes so many times the usual was interrupted: by the peer, if it is on this
 * processor, which can only answer when we sleep. */
#define INTERRUPTED 12

static struct {
    solo5_time_t deadline; /* that the timer is set to; 0: was never set */
    bool fired;            /* and it has come; it is reported until the timer is set again */
} timer;

static struct {
    unsigned vain;    /* grows when looking was of no use, up to VAIN_MAX, and shrinks again */
    unsigned skipped; /* waits since we looked last, up to SKIPS_MAX */
    uint64_t least;   /* cycles that a look takes */
} looking = {.least = UINT64_MAX};

/* In the place of a handle, which is never 0: an event that is neither of a network nor of the
 * timer, and that is reported once. */
#define OTHER_EVENT UINT64_C(1)

/* One look at the epoll set; (timeout) in ms, -1: until something happens. */
static solo5_handle_set_t look(long timeout)
{
    struct epoll_event events[MFT_MAX_ENTRIES + 2];
    solo5_handle_set_t ready = 0;
    long n = syscall5(SYS_epoll_pwait, host.epollfd, (long)events, MFT_MAX_ENTRIES + 2, timeout, 0);
    for (long i = 0; i < n; i++) {
        if (events[i].data < MFT_MAX_ENTRIES)
            ready |= UINT64_C(1) << events[i].data;
        else if (events[i].data == SPT_INTERNAL_TIMERFD)
            timer.fired = true;
        else
            ready |= OTHER_EVENT;
    }
    return ready;
}

/* Sees to it that the timer fires at (deadline) or before. */
static void arm(solo5_time_t deadline)
{
    if (timer.deadline != 0 &&
        (timer.fired ? deadline <= timer.deadline : deadline >= timer.deadline))
        return;
    struct {
        struct timespec interval, value;
    } spec = {0};
    spec.value.sec = (int64_t)(deadline / NS_PER_S);
    spec.value.nsec = (int64_t)(deadline % NS_PER_S);
    syscall5(SYS_timerfd_settime, host.timerfd, TFD_TIMER_ABSTIME, (long)&spec, 0, 0);
    timer.deadline = deadline;
    timer.fired = false;
}

/* Whether it is worth it to look before we sleep. */
static bool may_look(void)
{
    if (!host.moved)
        return false;
    host.moved = false;
    if (looking.vain < VAIN_LIMIT || ++looking.skipped == SKIPS_MAX) {
        looking.skipped = 0;
        return true;
    }
    return false;
}

static solo5_handle_set_t look_often(void)
{
    solo5_handle_set_t ready = 0;
    bool alone = true;
    uint64_t before = arch_cycles();
    for (unsigned i = 0; i < LOOKS && ready == 0 && alone && !timer.fired; i++) {
        ready = look(0);
        uint64_t after = arch_cycles();
        uint64_t took = after - before;
        if (took < looking.least)
            looking.least = took;
        alone = took / INTERRUPTED <= looking.least;
        before = after;
    }
    if (ready == 0 || !alone)
        looking.vain = looking.vain < VAIN_MAX - 2 ? looking.vain + 2 : VAIN_MAX;
    else if (looking.vain > 0)
        looking.vain--;
    return ready;
}

static solo5_handle_set_t sleep(solo5_time_t deadline)
{
    solo5_handle_set_t ready;
    arm(deadline);
    if (may_look() && (ready = look_often()) != 0)
        return ready;
    do {
        arm(deadline);
        ready = look(-1);
        /* Not before the deadline: the timer may have been set to an earlier one. */
    } while (ready == 0 && timer.fired && timer.deadline < deadline);
    return ready;
}

solo5_handle_set_t target_wait(solo5_time_t deadline)
{
    solo5_handle_set_t ready = host.poll_disks != NULL ? host.poll_disks(&deadline) : 0;
    ready |= deadline == 0 ? look(0) : sleep(deadline);
    if (host.poll_disks != NULL)
        ready |= host.poll_disks(&deadline);
    return ready & ~OTHER_EVENT;
}
