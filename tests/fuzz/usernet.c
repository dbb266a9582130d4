/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of solo5-usernet's own parsers. The first byte says which: a frame of the guest, through
 * all that looks at frames, a forward, a network, or a word of the tender's command line.
 */
#include <stdlib.h>
#include <string.h>

#include "cidr.h"
#include "forward.h"
#include "frame.h"
#include "fuzz.h"
#include "guard.h"
#include "probe.h"

#define HOST  0x0a000202u
#define GUEST 0x0a00020fu

static void on_send(void *context, const uint8_t *data, size_t len)
{
    struct frame frame;

    (void)context;
    frame_parse(data, len, &frame);
    FUZZ_CHECK(frame.kind == FRAME_ARP || frame.kind == FRAME_IPV4_TCP);
    FUZZ_CHECK(frame.src == HOST && frame.dst == GUEST);
}

static void on_answered(void *context, unsigned id)
{
    unsigned *answers = context;

    FUZZ_CHECK(id == 1);
    ++*answers;
}

static void on_silent(void *context, unsigned id)
{
    (void)context;
    FUZZ_CHECK(id == 1);
}

static void fuzz_frame(const uint8_t *data, size_t size)
{
    static const struct probe_calls calls = {on_send, on_answered, on_silent};
    static struct guard guard;
    unsigned answers = 0;
    struct probe probe;
    struct frame frame;

    frame_parse(data, size, &frame);
    FUZZ_CHECK(frame.kind == FRAME_OTHER || size >= 34);
    FUZZ_CHECK(frame.kind != FRAME_IPV4_TCP || size >= 54);

    probe_init(&probe, HOST, GUEST, 0, &calls, &answers);
    probe_add(&probe, 80, 1);
    for (uint64_t now = 0; now < 3 * PROBE_PAUSE_NS; now += PROBE_PAUSE_NS) {
        probe_run(&probe, now);
        probe_input(&probe, &frame, now);
    }
    FUZZ_CHECK(answers <= 1);

    guard_init(&guard, HOST);
    if (guard_allows(&guard, &frame, 0))
        FUZZ_CHECK(frame.kind != FRAME_IPV4_UDP || frame.dst_port == 67);
    guard_note(&guard, &frame, 0);
}

static void fuzz_text(uint8_t kind, const char *text)
{
    char name[NET_NAME_MAX + 1];
    const char *why = NULL;
    struct forward forward;
    struct cidr cidr;

    switch (kind % 3) {
    case 0:
        if (forward_parse(text, &forward, &why) == 0)
            FUZZ_CHECK(forward.host_port != 0 && forward.guest_port != 0 &&
                       strlen(forward.net_name) <= NET_NAME_MAX);
        else
            FUZZ_CHECK(why != NULL);
        break;
    case 1:
        if (cidr_parse(text, &cidr, &why) == 0)
            FUZZ_CHECK((cidr.base & ~cidr.mask) == 0 && addr_is_unicast(cidr.base + 30));
        else
            FUZZ_CHECK(why != NULL);
        break;
    case 2:
        if (net_word_parse(text, name) == 1)
            FUZZ_CHECK(strlen(name) == strlen(text) - strlen("--net:=@FD"));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    /* A copy of exactly this size, so that the sanitizer sees a read beyond it. */
    text = malloc(size);
    FUZZ_CHECK(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (data[0] % 4 == 0)
        fuzz_frame(data + 1, size - 1);
    else
        fuzz_text(data[0], text);
    free(text);
    return 0;
}
