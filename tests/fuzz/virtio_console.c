/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the output to a console over a hostile device: as long as that keeps to the rules, it
 * is shown what was written, in order and once, and on a console with ports not before the first
 * one was told of and opened. Whatever it does, no call takes longer than the device is given.
 */
#include <string.h>

#include "bindings.h"
#include "probe.h"
#include "virtio_hostile.h"

/* virtio 1.2, 5.3.2 and 5.3.6.2 */
#define TRANSMIT         1
#define CONTROL_RECEIVE  2
#define CONTROL_TRANSMIT 3
struct message {
    uint32_t port;
    uint16_t event, value;
};
enum { DEVICE_READY, DEVICE_ADD, PORT_READY = 3, PORT_OPEN = 6 };

#define MULTIPORT 1

#define STEPS       200
#define TICK_NS     UINT64_C(10000000)
#define PATIENCE_NS (UINT64_C(1000000000) + 4 * TICK_NS)
#define PART        4096 /* that the driver writes at once */
#define WRITE_MAX   (3 * PART)
#define PERIOD      251 /* of the text: no part of it is like the next */

static struct fake fake;
static struct hostile hostile;
static struct input input;
static char text[WRITE_MAX + PERIOD];
static uint64_t written, shown; /* bytes: of the program, and those that the device is done with */
static unsigned heard;          /* messages that it was told */
static bool has_port;           /* it has told of the first one */

/* The next part of what was written. */
static void see(const struct fake_chain *chain)
{
    const struct vq_piece *piece = &chain->piece[0];
    FUZZ_CHECK(chain->count == 1 && piece->flags == 0);
    FUZZ_CHECK(piece->len <= written - shown);
    FUZZ_CHECK(memcmp((const void *)piece->addr, text + shown % PERIOD, piece->len) == 0);
    FUZZ_CHECK(heard == (VIRTIO_HAS(fake.dev.features, MULTIPORT) ? 3 : 0));
}

static void hear(const struct fake_chain *chain)
{
    static const struct message expected[] = {
        {UINT32_MAX, DEVICE_READY, 1}, {0, PORT_READY, 1}, {0, PORT_OPEN, 1}};
    FUZZ_CHECK(chain->count == 1 && chain->piece[0].len == sizeof *expected);
    FUZZ_CHECK(heard < sizeof expected / sizeof *expected);
    FUZZ_CHECK(memcmp((const void *)chain->piece[0].addr, &expected[heard], sizeof *expected) == 0);
    FUZZ_CHECK(heard == 0 || has_port);
    heard++;
}

/* Tells of a port, in a message that may be cut short, or says anything. */
static uint32_t tell(const struct fake_chain *chain)
{
    uint8_t kind = next8(&input);
    struct message m = {kind >> 2 & 3, DEVICE_ADD, 0};
    uint32_t len = kind & 1 ? next8(&input) : sizeof m;

    if (kind & 2)
        m = (struct message){next32(&input), next16(&input), next16(&input)};
    FUZZ_CHECK(chain->count == 1 && chain->piece[0].flags == VQ_DESC_WRITE);
    FUZZ_CHECK(chain->piece[0].len == sizeof m);
    memcpy((void *)chain->piece[0].addr, &m, sizeof m);
    has_port |= m.event == DEVICE_ADD && m.port == 0 && len == sizeof m;
    return len;
}

static uint32_t serve(const struct hostile *device, unsigned queue, const struct fake_chain *chain,
                      struct input *from)
{
    (void)device;
    switch (queue) {
    case TRANSMIT:
        see(chain);
        shown += chain->piece[0].len;
        return next8(from); /* which should be 0, and nobody asks */
    case CONTROL_TRANSMIT:
        hear(chain);
        return next8(from);
    default:
        return tell(chain);
    }
}

static void look(void)
{
    hostile_step(&hostile, &input);
}

/* The device has a while for each thing that it is to do, and then it is not used any more. */
static bool write_some(size_t size)
{
    solo5_time_t start = fake_now;
    bool usable = !fake.dev.failed && fake.resets == 0;
    size_t parts = usable ? (size + PART - 1) / PART : 0;
    uint64_t before = written;

    written += usable ? size : 0;
    bool good = console_write(text + before % PERIOD, size);
    FUZZ_CHECK(!good || usable);
    FUZZ_CHECK(!good || !hostile.honest || shown == written);
    FUZZ_CHECK(good || fake.dev.failed);
    FUZZ_CHECK(fake_now - start <= parts * PATIENCE_NS);
    return good;
}

static void open(void)
{
    fake.queues = next8(&input) % (FAKE_QUEUES + 1);
    fake_tick = TICK_NS;
    fake_at_each_look = look;
    console_device(&fake.dev);
    FUZZ_CHECK(fake_now <= 4 * PATIENCE_NS); /* three messages, and what the device tells */
    FUZZ_CHECK(fake.resets == 0 || fake.dev.failed);
}

static void run(void)
{
    open();
    for (unsigned i = 0; i < STEPS && input.size > 0; i++) {
        uint8_t what = next8(&input);
        switch (what & 7) {
        case 0:
            write_some(next16(&input) % (WRITE_MAX + 1));
            break;
        case 1:
        case 2:
            write_some(what >> 3);
            break;
        case 3:
            virtio_ready(what & 8);
            break;
        default:
            look();
        }
    }
}

/* What it has and is not done with is as it was, until it is reset. */
static void still_there(void)
{
    for (unsigned i = 0; hostile.honest && i < hostile.count[TRANSMIT]; i++)
        see(&hostile.taken[TRANSMIT][i]);
}

/* The console is gone, for the next input, when it takes no output; that may be a few writes later
 * if the device has said beforehand that it took them. */
static void leave(void)
{
    fake_at_each_look = NULL;
    fake.dev.failed = false;
    if (setjmp(fake_aborted) == 0)
        for (unsigned i = 0; console_write(text, 1); i++)
            FUZZ_CHECK(i < 2 * VQ_SIZE_MAX);
    FUZZ_CHECK(!console_write(text, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i % PERIOD);
    input = (struct input){data, size};
    written = shown = 0;
    heard = 0;
    has_port = false;
    hostile_init(&hostile, &fake, VIRTIO_TYPE_CONSOLE, &input);
    hostile.serve = serve;
    fake_expects_abort = true;
    if (setjmp(fake_aborted) == 0)
        run();
    still_there();
    leave();
    fake_reset();
    return 0;
}
