/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * malloc and its family.
 *
 * The heap is one region. From its start to the top it is made of blocks, without gaps; above the
 * top is memory that no block uses, and above the mark memory that none ever used, which is
 * therefore zero and not backed by the host. A block is a header of 8 bytes and its payload, which
 * is aligned to 16:
 *
 *      block                payload                                        next block
 *      | size before | head | ...                            | size before | head |
 *
 * `head` is the size of the block, a multiple of 16, with two flags, and in its upper 16 bits a tag
 * made of the address and the size. `size before` is there only when the block before is free, and
 * lies in that block's payload.
 *
 * A free block is in the list of its bin: one bin for each multiple of 16 below SMALL_LIMIT, eight
 * for each power of two above. A bitmap tells which bins are not empty.
 *
 * Invariants:
 *  1. No two free blocks touch, and the block below the top is allocated: free() merges blocks and
 *     lowers the top.
 *  2. BLOCK_BEFORE_USED in a head says whether the block before is allocated; for the first it is
 *     set.
 *  3. Every head below the top has a valid tag, and a head that a merge swallowed is 0: so a second
 *     free() of a block and a write past the end of one are seen in most cases.
 */
#include "libc/heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "quintet.h"
#include "start/message.h"

#define ALIGNMENT         16
#define HEADER            8
#define BLOCK_MIN         32 /* head, two links, the size before the next */
#define BLOCK_USED        1UL
#define BLOCK_BEFORE_USED 2UL
#define SIZE_MASK         0x0000fffffffffff0UL
#define TAG_SHIFT         48

#define SMALL_LIMIT   1024
#define SMALL_BINS    (SMALL_LIMIT / ALIGNMENT)
#define SMALL_LOG2    10
#define LARGE_STEPS   8
#define LARGE_BINS    (30 * LARGE_STEPS) /* up to 2^40 bytes */
#define BINS          (SMALL_BINS + LARGE_BINS)
#define BITMAP_WORDS  ((BINS + 63) / 64)
#define BEST_FIT_LOOK 16 /* blocks of a large bin that are compared */

struct block {
    size_t size_before;
    size_t head;
    struct block *next; /* the links of a free block: its payload begins here */
    struct block *prev;
};

static struct {
    char *start; /* of the first block */
    char *end;
    char *top;
    char *mark;
    struct block *bins[BINS];
    uint64_t bitmap[BITMAP_WORDS];
    size_t used;
    size_t used_peak;
    size_t block_count;
} heap;

static size_t block_size(const struct block *b)
{
    return b->head & SIZE_MASK;
}

static struct block *block_at(struct block *b, size_t offset)
{
    return (struct block *)((char *)b + offset);
}

static void *block_payload(struct block *b)
{
    return &b->next;
}

static struct block *block_of(void *payload)
{
    return (struct block *)((char *)payload - offsetof(struct block, next));
}

static bool is_top(const struct block *b)
{
    return (const char *)b == heap.top;
}

static size_t block_tag(const struct block *b, size_t size)
{
    size_t mix = ((uintptr_t)b >> 4) * 0x9e3779b97f4a7c15UL ^ size * 0xc2b2ae3d27d4eb4fUL;

    return mix >> TAG_SHIFT << TAG_SHIFT | (size_t)1 << TAG_SHIFT;
}

static void block_set(struct block *b, size_t size, size_t flags)
{
    b->head = block_tag(b, size) | size | flags;
}

static bool block_valid(const struct block *b)
{
    return (b->head & ~SIZE_MASK & ~(BLOCK_USED | BLOCK_BEFORE_USED)) ==
           block_tag(b, block_size(b));
}

static void corrupt(const char *function, const void *payload, const char *why)
{
    char buf[RT_HEX_SIZE];

    rt_panic(function, "(", rt_hex(buf, (uintptr_t)payload), "): ", why, NULL);
}

/* ---- Bins ------------------------------------------------------------------------------------ */

static unsigned bin_of(size_t size)
{
    if (size < SMALL_LIMIT)
        return (unsigned)(size / ALIGNMENT);
    unsigned log2 = 63 - (unsigned)__builtin_clzl(size);
    unsigned step = (unsigned)(size >> (log2 - 3)) & (LARGE_STEPS - 1);
    return SMALL_BINS + (log2 - SMALL_LOG2) * LARGE_STEPS + step;
}

static void bin_add(struct block *b)
{
    unsigned bin = bin_of(block_size(b));

    b->prev = NULL;
    b->next = heap.bins[bin];
    if (b->next != NULL)
        b->next->prev = b;
    heap.bins[bin] = b;
    heap.bitmap[bin / 64] |= 1UL << bin % 64;
}

static void bin_remove(struct block *b)
{
    unsigned bin = bin_of(block_size(b));

    if ((b->prev != NULL ? b->prev->next : heap.bins[bin]) != b)
        corrupt("malloc", block_payload(b), "this free block was written to");
    if (b->prev != NULL)
        b->prev->next = b->next;
    else
        heap.bins[bin] = b->next;
    if (b->next != NULL)
        b->next->prev = b->prev;
    if (heap.bins[bin] == NULL)
        heap.bitmap[bin / 64] &= ~(1UL << bin % 64);
}

/* The first bin from (bin) on that is not empty, or BINS. */
static unsigned bin_find(unsigned bin)
{
    for (unsigned word = bin / 64; word < BITMAP_WORDS; word++) {
        uint64_t bits = heap.bitmap[word];
        if (word == bin / 64)
            bits &= ~0UL << bin % 64;
        if (bits != 0)
            return word * 64 + (unsigned)__builtin_ctzl(bits);
    }
    return BINS;
}

/* A free block of at least (size) bytes, out of its bin; NULL when there is none. */
static struct block *bin_take(size_t size)
{
    unsigned bin = bin_of(size);
    struct block *best = NULL;

    if (bin >= SMALL_BINS) {
        /* Only this bin has blocks that are too small. */
        unsigned looked = 0;
        for (struct block *b = heap.bins[bin]; b != NULL && looked < BEST_FIT_LOOK; b = b->next) {
            if (block_size(b) >= size && (best == NULL || block_size(b) < block_size(best)))
                best = b;
            looked++;
        }
        bin++;
    }
    if (best == NULL) {
        bin = bin_find(bin);
        if (bin == BINS)
            return NULL;
        best = heap.bins[bin];
    }
    if (!block_valid(best) || (best->head & BLOCK_USED) != 0)
        corrupt("malloc", block_payload(best), "this free block was written to");
    bin_remove(best);
    return best;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static void count_used(size_t size)
{
    heap.used += size;
    if (heap.used > heap.used_peak)
        heap.used_peak = heap.used;
}

/* Tells the block after (b), which is not the top, whether (b) is allocated. */
static void tell_next(struct block *b, bool used)
{
    struct block *next = block_at(b, block_size(b));

    if (used) {
        next->head |= BLOCK_BEFORE_USED;
    } else {
        next->head &= ~BLOCK_BEFORE_USED;
        next->size_before = block_size(b);
    }
}

/* Makes (b), which is allocated to nobody and in no bin, free: merges it with its neighbours. */
static void block_release(struct block *b)
{
    size_t size = block_size(b);
    struct block *next = block_at(b, size);

    if (!is_top(next) && (next->head & BLOCK_USED) == 0) {
        bin_remove(next);
        size += block_size(next);
        next->head = 0;
    }
    if ((b->head & BLOCK_BEFORE_USED) == 0) {
        struct block *before = (struct block *)((char *)b - b->size_before);
        b->head = 0;
        if (!block_valid(before) || (before->head & BLOCK_USED) != 0)
            corrupt("free", block_payload(before), "this free block was written to");
        bin_remove(before);
        size += block_size(before);
        b = before;
    }
    if (is_top(block_at(b, size))) {
        heap.top = (char *)b;
        b->head = 0;
        return;
    }
    block_set(b, size, BLOCK_BEFORE_USED);
    bin_add(b);
    tell_next(b, false);
}

/* Cuts (b), which is allocated, down to (size) bytes, if what is left over can be a block. */
static void block_trim(struct block *b, size_t size)
{
    size_t rest = block_size(b) - size;

    if (rest < BLOCK_MIN)
        return;
    block_set(b, size, b->head & (BLOCK_USED | BLOCK_BEFORE_USED));
    struct block *tail = block_at(b, size);
    block_set(tail, rest, BLOCK_BEFORE_USED);
    heap.used -= rest;
    block_release(tail);
}

/* The bytes of a block for a payload of (size), or 0 when there can be none. */
static size_t block_size_for(size_t size)
{
    if (size > (size_t)(heap.end - heap.start))
        return 0;
    size = (size + HEADER + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return size < BLOCK_MIN ? BLOCK_MIN : size;
}

static bool top_raise(size_t size)
{
    if (size > (size_t)(heap.end - heap.top))
        return false;
    heap.top += size;
    /* The last payload reaches HEADER beyond the top. */
    if (heap.top + HEADER > heap.mark)
        heap.mark = heap.top + HEADER;
    return true;
}

static struct block *block_take(size_t size)
{
    struct block *b = bin_take(size);

    if (b != NULL) {
        b->head |= BLOCK_USED;
        tell_next(b, true);
        count_used(block_size(b));
        block_trim(b, size);
    } else {
        b = (struct block *)heap.top;
        if (!top_raise(size))
            return NULL;
        block_set(b, size, BLOCK_USED | BLOCK_BEFORE_USED);
        count_used(size);
    }
    heap.block_count++;
    return b;
}

/* The allocated block of (payload); ends the program when there is none. */
static struct block *block_check(const char *function, void *payload)
{
    struct block *b = block_of(payload);

    if ((uintptr_t)payload % ALIGNMENT != 0 || (char *)b < heap.start || (char *)b >= heap.end)
        corrupt(function, payload, "this address is not from malloc");
    if ((char *)b >= heap.top || !block_valid(b) || (b->head & BLOCK_USED) == 0)
        corrupt(function, payload,
                "not an allocated block: freed before, or its start was written over");
    struct block *next = block_at(b, block_size(b));
    if (!is_top(next) && ((char *)next > heap.top || !block_valid(next)))
        corrupt(function, payload, "the program wrote past the end of this block");
    return b;
}

/* ---- What programs call ---------------------------------------------------------------------- */

void heap_init(void *start, size_t size)
{
    uintptr_t first = ((uintptr_t)start + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);

    heap.start = heap.top = heap.mark = (char *)first;
    /* The last payload reaches HEADER beyond its block. */
    heap.end = (char *)(((uintptr_t)start + size - ALIGNMENT) & ~(uintptr_t)(ALIGNMENT - 1));
    if (size < ALIGNMENT || heap.end < heap.start)
        heap.end = heap.start;
}

void *malloc(size_t size)
{
    size_t need = block_size_for(size);
    struct block *b = need != 0 ? block_take(need) : NULL;

    if (b == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    return block_payload(b);
}

void free(void *payload)
{
    if (payload == NULL)
        return;
    struct block *b = block_check("free", payload);
    heap.used -= block_size(b);
    heap.block_count--;
    b->head &= ~BLOCK_USED;
    block_release(b);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    char *mark = heap.mark;
    char *payload = malloc(bytes);
    if (payload == NULL)
        return NULL;
    /* What lay above the mark is zero and need not be touched. */
    size_t dirty = payload >= mark ? 0 : (size_t)(mark - payload);
    memset(payload, 0, dirty < bytes ? dirty : bytes);
    return payload;
}

/* Makes (b) at least (size) bytes without moving it. */
static bool block_grow(struct block *b, size_t size)
{
    size_t old = block_size(b);
    struct block *next = block_at(b, old);
    size_t flags = b->head & (BLOCK_USED | BLOCK_BEFORE_USED);

    if (is_top(next)) {
        if (!top_raise(size - old))
            return false;
        block_set(b, size, flags);
        count_used(size - old);
        return true;
    }
    if ((next->head & BLOCK_USED) != 0 || block_size(next) < size - old)
        return false;
    bin_remove(next);
    size_t whole = old + block_size(next);
    next->head = 0;
    block_set(b, whole, flags);
    tell_next(b, true);
    count_used(whole - old);
    block_trim(b, size);
    return true;
}

void *realloc(void *payload, size_t size)
{
    if (payload == NULL)
        return malloc(size);
    struct block *b = block_check("realloc", payload);
    size_t need = block_size_for(size);
    if (need == 0) {
        errno = ENOMEM;
        return NULL;
    }
    if (need <= block_size(b)) {
        block_trim(b, need);
        return payload;
    }
    if (block_grow(b, need))
        return payload;
    void *moved = malloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, payload, block_size(b) - HEADER);
    free(payload);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    if (alignment <= ALIGNMENT)
        return malloc(size);
    size_t need = block_size_for(size);
    size_t with_slack;
    struct block *b = NULL;
    if (need != 0 && (alignment & (alignment - 1)) == 0 &&
        !__builtin_add_overflow(need, alignment + BLOCK_MIN, &with_slack) &&
        with_slack <= (size_t)(heap.end - heap.start))
        b = block_take(with_slack);
    if (b == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    uintptr_t payload = (uintptr_t)block_payload(b);
    uintptr_t aligned = (payload + alignment - 1) & ~(uintptr_t)(alignment - 1);
    if (aligned != payload) {
        /* What is cut off before it has to be a block. */
        if (aligned - payload < BLOCK_MIN)
            aligned += alignment;
        size_t cut = aligned - payload;
        struct block *kept = block_at(b, cut);
        block_set(kept, block_size(b) - cut, BLOCK_USED | BLOCK_BEFORE_USED);
        block_set(b, cut, b->head & BLOCK_BEFORE_USED);
        heap.used -= cut;
        block_release(b);
        b = kept;
    }
    block_trim(b, need);
    return block_payload(b);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    int saved = errno;
    void *payload = memalign(alignment, size);
    errno = saved;
    if (payload == NULL)
        return ENOMEM;
    *out = payload;
    return 0;
}

size_t malloc_usable_size(void *payload)
{
    return payload == NULL ? 0 : block_size(block_check("malloc_usable_size", payload)) - HEADER;
}

struct mallinfo mallinfo(void)
{
    struct rt_heap_stats stats;

    rt_heap_stats(&stats);
    return (struct mallinfo){.arena = stats.top,
                             .uordblks = stats.used,
                             .fordblks = stats.free + stats.total - stats.top};
}

void rt_heap_stats(struct rt_heap_stats *stats)
{
    size_t top = (size_t)(heap.top - heap.start);

    *stats = (struct rt_heap_stats){
        .total = (size_t)(heap.end - heap.start),
        .used = heap.used,
        .used_peak = heap.used_peak,
        .free = top - heap.used,
        .top = top,
        .top_peak = (size_t)(heap.mark - heap.start),
        .block_count = heap.block_count,
    };
}
