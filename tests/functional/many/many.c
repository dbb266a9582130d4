/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * As many devices as a manifest can have: 32 disks "disk0" and so on, and 31
 * networks "net0" and so on. Each works, and each is its own.
 */
#include "test.h"

#define DISKS 32
#define NETS  31
#define BLOCK 512

static uint8_t block[BLOCK];
static uint8_t frame[60];
static solo5_handle_t disks[DISKS];
static solo5_handle_set_t seen;

static const char *name_of(const char *kind, unsigned number)
{
    static char name[16];
    size_t len = strlen(kind);

    memcpy(name, kind, len);
    if (number >= 10) {
        name[len++] = (char)('0' + number / 10);
    }
    name[len++] = (char)('0' + number % 10);
    name[len] = '\0';
    return name;
}

static void note(solo5_handle_t handle)
{
    EXPECT(handle >= 1 && handle < 64);
    EXPECT((seen >> handle & 1) == 0);
    seen |= (solo5_handle_set_t)1 << handle;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    (void)info;
    for (unsigned i = 0; i < DISKS; i++) {
        struct solo5_block_info disk;
        EXPECT(solo5_block_acquire(name_of("disk", i), &disks[i], &disk) == SOLO5_R_OK);
        note(disks[i]);
        EXPECT(disk.capacity == (i + 1) * BLOCK && disk.block_size == BLOCK);
        memset(block, (int)i, BLOCK);
        EXPECT(solo5_block_write(disks[i], i * BLOCK, block, BLOCK) == SOLO5_R_OK);
    }
    for (unsigned i = 0; i < NETS; i++) {
        struct solo5_net_info net;
        solo5_handle_t handle;
        EXPECT(solo5_net_acquire(name_of("net", i), &handle, &net) == SOLO5_R_OK);
        note(handle);
        memset(frame, 0xff, SOLO5_NET_ALEN);
        memcpy(frame + SOLO5_NET_ALEN, net.mac_address, SOLO5_NET_ALEN);
        EXPECT(solo5_net_write(handle, frame, sizeof frame) == SOLO5_R_OK);
    }
    EXPECT(seen == ~(solo5_handle_set_t)1);
    for (unsigned i = 0; i < DISKS; i++) {
        EXPECT(solo5_block_read(disks[i], i * BLOCK, block, BLOCK) == SOLO5_R_OK);
        EXPECT(block[0] == i && block[BLOCK - 1] == i);
    }
    solo5_yield(0, NULL);
    return test_success();
}
