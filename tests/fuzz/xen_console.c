/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console of Xen's against a daemon that does what the input says: takes some, nothing, or
 * writes anything into the page. The program writes on where it was, what it was given, in order
 * and once, never more than there is room for, and nothing else of the page; what is lost is lost
 * only after the ring was full for as long as the daemon is given, or at once as long as the
 * console was not opened.
 */
#include "fuzz.h"
#include "input.h"

#include "fake.h"

#include <string.h>
#include <xen/io/console.h>

#include "machine.h"

#define STEPS_MAX 100
#define LOOK_NS   UINT64_C(10000000) /* that the program waits between looks */
#define SECOND    UINT64_C(1000000000)
#define WAIT_MAX  (SECOND + 2 * LOOK_NS)
#define RING      sizeof(((struct xencons_interface *)0)->out)
#define WRITE_MAX (4 * RING)
#define PERIOD    251 /* of the text: no part of it is like the next */

static struct input input;
static struct xencons_interface *ring; /* NULL: the console is another */
static struct xencons_interface left;  /* the page as the daemon left it */
static bool has_xen;
static unsigned early;    /* so many calls come before the console is opened */
static uint32_t produced; /* where the program is */
static char text[WRITE_MAX + PERIOD];
static const char *rest; /* of the text, that the program has not written, */
static size_t rest_len;
static bool full;      /* the ring, when the daemon looked last */
static unsigned moves; /* of the daemon's, that may have made room */
static bool deaf;      /* the last that was written was not waited for to its end */

/* What the program did since the daemon looked last. */
static void look(void)
{
    uint32_t unread = produced - left.out_cons, count = 0;
    /* What the daemon makes of out_prod stays until the program writes its own there. */
    if (ring->out_prod != left.out_prod || left.out_prod == produced)
        count = ring->out_prod - produced;
    FUZZ_CHECK(count <= rest_len);
    FUZZ_CHECK(count == 0 || (unread <= RING && count <= RING - unread));
    rest_len -= count;
    for (; count != 0; count--) {
        left.out[MASK_XENCONS_IDX(produced++, left.out)] = *rest++;
        left.out_prod = produced;
    }
    FUZZ_CHECK(memcmp(ring, &left, sizeof left) == 0);
    full = produced - ring->out_cons >= RING;
}

static void take(uint32_t count)
{
    uint32_t unread = produced - ring->out_cons;
    ring->out_cons += count < unread ? count : unread;
    moves++;
}

static void daemon_turn(uint32_t port)
{
    FUZZ_CHECK(port == (uint32_t)fake_parameter);
    look();
    uint8_t what = next8(&input);
    switch (what & 15) {
    case 1:
    case 2:
    case 3:
        take(what >> 4);
        break;
    case 4:
        take(next16(&input) % (RING + 1));
        break;
    case 5:
        take(RING);
        break;
    case 6:
        ring->out_cons = produced - next16(&input);
        moves++;
        break;
    case 7:
        ring->out_cons = next32(&input);
        moves++;
        break;
    case 8: /* further than the program can have got when it is looked at next */
        ring->out_prod = produced + 2 * RING + next16(&input);
        break;
    case 9:
        ring->out[next16(&input) % RING] = (char)next8(&input);
        break;
    case 10:
        ring->in[next8(&input)] = (char)next8(&input);
        ring->in_prod += next8(&input);
        ring->in_cons = next32(&input);
        break;
    default:
        break; /* nothing; so it is when the input is at its end */
    }
    left = *ring;
}

static void waits(void)
{
    daemon_turn((uint32_t)fake_parameter);
}

/* Xen's own console, and the one of a machine without Xen, are given all. */
static void write_elsewhere(const char *buf, size_t size)
{
    FUZZ_CHECK(ring == NULL && buf == rest && size == rest_len);
    rest_len = 0;
}

void hyper_console(const char *buf, size_t size)
{
    FUZZ_CHECK(has_xen);
    write_elsewhere(buf, size);
}

void machine_console_write(const char *buf, size_t size)
{
    FUZZ_CHECK(!has_xen);
    write_elsewhere(buf, size);
}

bool hyper_present(void)
{
    return has_xen;
}

static void write_some(size_t size)
{
    uint64_t start = fake_now;
    rest = text + next8(&input) % PERIOD;
    rest_len = size;
    moves = 0;
    if (early != 0 && ring != NULL)
        produced = ring->out_prod; /* nothing is kept */
    console_write(rest, size);
    if (ring == NULL) {
        FUZZ_CHECK(rest_len == 0);
        return;
    }
    size_t lost = rest_len;
    FUZZ_CHECK(lost == 0 || full);
    look();
    FUZZ_CHECK(rest_len == lost); /* the daemon was told of all */
    uint64_t took = fake_now - start;
    if (early != 0) {
        FUZZ_CHECK(took == 0);
        return;
    }
    FUZZ_CHECK(took <= (moves + 1) * WAIT_MAX);
    /* What finds the ring full again is lost at once. */
    FUZZ_CHECK(lost == 0 || (deaf && lost == size ? took < LOOK_NS : took > SECOND));
    deaf = lost != 0 || (deaf && size == 0);
}

/* Says whether the program waited for all to be taken; it does for one time at most. */
static bool finish(void)
{
    uint64_t start = fake_now;
    console_finish();
    uint64_t took = fake_now - start;
    FUZZ_CHECK(took <= WAIT_MAX);
    FUZZ_CHECK(produced == ring->out_cons || took > SECOND || deaf);
    return took <= LOOK_NS;
}

/* Where there is a ring at last, it is one that others have written before. */
static void open(void)
{
    uint8_t kind = next8(&input);
    has_xen = true;
    ring = NULL;
    early = 0;
    console_init(); /* without a page: what there was before is not used any more */
    has_xen = !(kind & 1);
    fake_parameter = kind & 2 ? next64(&input) : 7;
    if (kind & 4)
        return;
    struct xencons_interface *page = fake_memory(sizeof *page);
    page->out_prod = produced = next32(&input);
    page->out_cons = kind & 8 ? next32(&input) : produced - next8(&input);
    fake_mapped = page;
    early = kind >> 4;
    if (early == 0)
        console_init();
    if (!has_xen || fake_parameter == 0 || fake_parameter > UINT32_MAX)
        return;
    ring = page;
    left = *ring;
    fake_notified = daemon_turn;
    fake_while_waiting = waits;
}

/* From here on the program knows where it is. */
static void open_late(void)
{
    console_init();
    if (ring != NULL)
        produced = ring->out_prod;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i % PERIOD);
    input = (struct input){data, size};
    deaf = false;
    fake_reset();
    open();
    for (unsigned i = 0; i < STEPS_MAX && input.size != 0; i++) {
        uint8_t what = next8(&input);
        write_some(what & 1 ? next16(&input) % (WRITE_MAX + 1) : what >> 1);
        if (early != 0 && --early == 0)
            open_late();
    }
    if (ring != NULL && early == 0) {
        finish();
        /* A daemon that has taken all is not waited for, and the next input finds no deaf one. */
        ring->out_cons = left.out_cons = produced;
        FUZZ_CHECK(finish());
    }
    return 0;
}
