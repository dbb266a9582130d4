/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Guest memory: see memory.h.
 */
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "range.h"

#define SMALL_LOW  (UINT64_C(8) << 20)
#define SMALL_HIGH (UINT64_C(2) << 20)

#define ALIGNMENT (UINT64_C(2) << 20)

static void *host(const struct gmem *gmem, uint64_t addr)
{
    return (void *)(gmem->delta + addr);
}

/* Of a mapping of ALIGNMENT more than (len) bytes, keeps (len) that are aligned: where guest
 * addresses are not host addresses, a huge page of the one is to be one of the other. */
static void *trim(void *at, uint64_t len)
{
    uintptr_t start = (uintptr_t)at;
    uintptr_t kept = (start + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

    if (kept != start)
        munmap(at, kept - start);
    munmap((void *)(kept + len), start + ALIGNMENT - kept);
    return (void *)kept;
}

int gmem_map(struct gmem *gmem, uint64_t start, uint64_t end, uint64_t behind, bool fixed,
             struct error *error)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fixed ? MAP_FIXED_NOREPLACE : 0);
    void *wanted = fixed ? (void *)(uintptr_t)start : NULL;
    uint64_t len = end - start + behind + (fixed ? 0 : ALIGNMENT);
    void *got = mmap(wanted, len, PROT_READ | PROT_WRITE, flags, -1, 0);

    if (got != MAP_FAILED && fixed && got != wanted) {
        /* A kernel before 4.17 takes the address for a hint. */
        munmap(got, len);
        got = MAP_FAILED;
        errno = EEXIST;
    }
    if (got == MAP_FAILED)
        return error_set(error, "%llu MB of guest memory: %s; give less with --mem=MB",
                         (unsigned long long)(end >> 20), strerror(errno));
    gmem->start = start;
    gmem->end = end;
    if (!fixed)
        got = trim(got, len - ALIGNMENT);
    gmem->delta = (uintptr_t)got - start;
    return 0;
}

int gmem_map_file(struct gmem *gmem, uint64_t addr, uint64_t len, int fd, uint64_t offset,
                  int protection)
{
    void *at = gmem_at(gmem, addr, page_up(len));

    CHECK(at != NULL && page_aligned(addr) && page_aligned(offset));
    at = mmap(at, len, protection, MAP_PRIVATE | MAP_FIXED, fd, (off_t)offset);
    return at == MAP_FAILED ? -1 : 0;
}

int gmem_protect(struct gmem *gmem, uint64_t addr, uint64_t len, int protection)
{
    void *at = gmem_at(gmem, addr, len);

    CHECK(at != NULL && page_aligned(addr) && page_aligned(len));
    return mprotect(at, len, protection);
}

void gmem_seal(struct gmem *gmem, uint64_t start)
{
    uint64_t low_end = gmem->end < SMALL_LOW + SMALL_HIGH ? gmem->end : SMALL_LOW;

    madvise(host(gmem, gmem->start), gmem->end - gmem->start, MADV_DONTDUMP);
    /* Clearing a huge page takes longer than all else that a small guest does. */
    madvise(host(gmem, gmem->start), low_end - gmem->start, MADV_NOHUGEPAGE);
    if (low_end != gmem->end)
        madvise(host(gmem, gmem->end - SMALL_HIGH), SMALL_HIGH, MADV_NOHUGEPAGE);
    gmem->start = start;
}

void *gmem_at(const struct gmem *gmem, uint64_t addr, uint64_t len)
{
    if (addr < gmem->start || !range_ok(addr, len, gmem->end))
        return NULL;
    return host(gmem, addr);
}

void *gmem_behind(const struct gmem *gmem)
{
    return host(gmem, gmem->end);
}

int gmem_read(const struct gmem *gmem, uint64_t addr, void *to, size_t len)
{
    const void *from = gmem_at(gmem, addr, len);

    if (from == NULL)
        return -1;
    memcpy(to, from, len);
    return 0;
}

int gmem_write(const struct gmem *gmem, uint64_t addr, const void *from, size_t len)
{
    void *to = gmem_at(gmem, addr, len);

    if (to == NULL)
        return -1;
    memcpy(to, from, len);
    return 0;
}
