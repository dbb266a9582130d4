/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of hvt's rings: a guest that sets up a queue of a network or a disk, and writes what it
 * likes into its memory while the tender serves it. Nothing is written where the guest may not
 * write, the disk keeps its size, and each request comes back once at most.
 *
 * Input: kind of queue, with 0x80 of a network whose frames have headers, logarithm of its size,
 * then where its three parts are, in units of 2 bytes of the window; then the window's first
 * contents, up to WINDOW bytes; then steps of four bytes, each a turn of the queue, or a write of
 * two bytes into the window. Solo5's ring is the window; of it the six bytes say how many entries
 * before their count wraps it begins.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "vm.h"

#define MEM_SIZE UINT64_C(0x140000)
#define TEXT     UINT64_C(0x100000) /* a page that is read-only */
#define WINDOW   4096
#define BASE     UINT64_C(0x110000)
#define DISK     65536
#define HEAD     8 /* of the input */
#define STEPS    256

static struct vm vm;
static int peer, disk_fd;

/* POLL is no part of this. */
void hypercall_no_poll(struct vm *machine, uint64_t handle)
{
    (void)machine;
    FUZZ_CHECK(handle == 1);
}

static void make_vm(void)
{
    struct error error;
    int pair[2];

    FUZZ_CHECK(gmem_map(&vm.gmem, 0, MEM_SIZE, 0, false, &error) == 0);
    vm.gmem.start = HVT_BOOT_INFO_BASE;
    vm.image.segment_count = 1;
    vm.image.segment[0] =
        (struct image_segment){.addr = TEXT, .size = 4096, .protection = PROT_READ | PROT_EXEC};
    vm.rings.memory = (struct ring_memory){&vm.gmem, &vm.image};
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0);
    disk_fd = memfd_create("disk", 0);
    FUZZ_CHECK(disk_fd >= 0 && ftruncate(disk_fd, DISK) == 0);
    peer = pair[1];
    vm.devices.count = 3;
    vm.devices.device[1] = (struct device){.type = MFT_DEV_NET_BASIC, .fd = pair[0], .mtu = 1500};
    vm.devices.device[2] = (struct device){
        .type = MFT_DEV_BLOCK_BASIC, .fd = disk_fd, .block_size = 512, .capacity = DISK};
}

/* Something to receive, and nothing left of what was sent. */
static void work_of_peer(void)
{
    static uint8_t frame[70000];

    while (recv(peer, frame, sizeof frame, 0) >= 0)
        ;
    /* So that it is seen where it must not be. */
    memset(frame, 0xa5, 64);
    for (unsigned i = 0; i < 4; i++)
        if (send(peer, frame, 60 + i, 0) < 0)
            break;
}

static void check_turn(struct queue *queue, const uint16_t *index)
{
    uint16_t before = queue->ring.returned;
    enum turn turn = queue->kind->serve(&vm, queue);
    uint16_t served = (uint16_t)(queue->ring.returned - before);

    FUZZ_CHECK(served <= 64 && queue->ring.returned == queue->ring.taken);
    FUZZ_CHECK(turn != TURN_BROKEN || queue->fault.text != NULL);
    ring_tell(&queue->ring);
    FUZZ_CHECK(served == 0 || *index == queue->ring.returned);
}

static void check_solo5_turn(struct queue *queue)
{
    const struct solo5_ring *ring = &queue->solo5;
    uint32_t before = ring->taken, committed = ring->committed;
    enum turn turn = queue->kind->serve(&vm, queue);

    FUZZ_CHECK(ring->taken - before <= 64 && ring->committed - committed <= ring->taken - before);
    FUZZ_CHECK(turn != TURN_BROKEN || queue->fault.text != NULL);
    FUZZ_CHECK(turn != TURN_IDLE || ring->asked);
}

static void run(struct queue *queue, const uint16_t *index, uint8_t *window, const uint8_t *steps,
                size_t size)
{
    for (size_t i = 0; i + 4 <= size && i < STEPS * 4; i += 4) {
        uint16_t at = (uint16_t)((steps[i] << 8 | steps[i + 1]) % WINDOW & ~1);

        if (steps[i] & 0x80 && index == NULL)
            check_solo5_turn(queue);
        else if (steps[i] & 0x80)
            check_turn(queue, index);
        else
            memcpy(window + at, steps + i + 2, 2);
    }
}

static void check_guards(void)
{
    static const uint8_t zeroes[4096];
    const uint8_t *low = gmem_at(&vm.gmem, HVT_BOOT_INFO_BASE, 1);
    struct stat st;

    for (uint64_t i = HVT_BOOT_INFO_BASE; i < TEXT + 4096; i += 4096)
        FUZZ_CHECK(memcmp(low + (i - HVT_BOOT_INFO_BASE), zeroes, 4096) == 0);
    FUZZ_CHECK(fstat(disk_fd, &st) == 0 && st.st_size == DISK);
}

static uint64_t place(const uint8_t *data)
{
    return BASE + (uint64_t)(data[0] | data[1] << 8) * 2;
}

/* Where the index of the used ring is, if the queue can be there; NULL: of Solo5's there is none.
 */
static bool set_up(struct queue *queue, const uint8_t *data, uint8_t *window,
                   const uint16_t **index)
{
    const struct hvt_hc_ring_setup setup = {.size = 1u << (data[1] & 31),
                                            .desc = place(data + 2),
                                            .avail = place(data + 4),
                                            .used = place(data + 6)};

    *index = NULL;
    if (queue->kind == &queue_solo5) {
        queue->solo5.shared = (struct hvt_net_ring *)window;
        queue->solo5.taken = queue->solo5.committed = 0u - (data[2] | (uint32_t)data[3] << 8);
        return true;
    }
    if (!ring_init(&queue->ring, &vm.rings.memory, &setup, &queue->fault)) {
        FUZZ_CHECK(queue->fault.text != NULL);
        return false;
    }
    *index = (const uint16_t *)(window + (setup.used - BASE)) + 1;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct queue_kind *const kinds[] = {&queue_receive, &queue_send, &queue_block,
                                                     &queue_solo5};
    struct queue queue = {.vhost = -1};
    const uint16_t *index;
    uint8_t *window;
    size_t first;

    if (vm.gmem.end == 0)
        make_vm();
    if (size < HEAD)
        return 0;
    queue.kind = kinds[data[0] % 4];
    queue.device = &vm.devices.device[queue.kind == &queue_block ? 2 : 1];
    vm.devices.device[1].offload = data[0] & 0x80;
    window = gmem_at(&vm.gmem, BASE, MEM_SIZE - BASE);
    memset(window, 0, MEM_SIZE - BASE);
    first = size - HEAD < WINDOW ? size - HEAD : WINDOW;
    memcpy(window, data + HEAD, first);
    if (!set_up(&queue, data, window, &index))
        return 0;
    work_of_peer();
    if (index == NULL)
        check_solo5_turn(&queue);
    else
        check_turn(&queue, index);
    run(&queue, index, window, data + HEAD + first, size - HEAD - first);
    check_guards();
    return 0;
}
