/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See fake.h.
 */
#include "fake.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/grant_table.h>

#include "machine.h"

#define PIECES_MAX 512
#define ARENA_SIZE ((size_t)128 << 20)
#define NODES_MAX  32
#define SECTOR     512
#define PER_PAGE   (XEN_PAGE / sizeof(grant_entry_v1_t))
#define GRANTS_MAX (16 * PER_PAGE)

jmp_buf fake_end;
char fake_lie[160], fake_lost[160];
void (*fake_notified)(uint32_t port);
void (*fake_while_waiting)(void);
uint64_t fake_now;
uint64_t fake_parameter;
void *fake_mapped;
struct xen_device fake_device;
volatile struct ext1_offer ext_offer;
const char solo5_wants_net_offload[1];

/* Frame of a page: the number of its piece, shifted, and the page's in it. */
static struct piece {
    uint8_t *at;
    size_t size;
} pieces[PIECES_MAX];
static unsigned piece_count;

/* Where pieces lie, one behind the other. Pages of its own for each, from the system and back,
 * would take most of a fuzzer's time. */
static uint8_t arena[ARENA_SIZE] __attribute__((aligned(XEN_PAGE)));
static size_t arena_used;

static grant_entry_v1_t *grants;
static unsigned grant_count;

static struct node {
    char path[64], value[64];
} nodes[NODES_MAX];
static unsigned node_count;

void fake_reset(void)
{
    ASAN_POISON_MEMORY_REGION(arena, arena_used);
    arena_used = 0;
    piece_count = node_count = 0;
    grants = NULL;
    fake_lie[0] = fake_lost[0] = '\0';
    fake_notified = NULL;
    fake_while_waiting = NULL;
    fake_now = 1;
    fake_parameter = 1;
    fake_mapped = NULL;
    fake_device = (struct xen_device){
        .node = "device/x/0", .backend = "b", .name = "dev0", .port = 3, .handle = 1};
}

/* What is no number of pages begins anywhere in one: sectors at a sector. A page that nobody may
 * touch is behind each piece. */
void *fake_memory(size_t size)
{
    size_t unit = size % SECTOR == 0 ? SECTOR : 16;
    size_t shift = size % XEN_PAGE == 0 ? 0 : piece_count * unit % XEN_PAGE;
    size_t whole = (shift + size + XEN_PAGE - 1) / XEN_PAGE * XEN_PAGE + XEN_PAGE;
    if (piece_count == PIECES_MAX || whole > ARENA_SIZE - arena_used)
        longjmp(fake_end, 4); /* of an input that wants more than a test has */
    uint8_t *at = arena + arena_used + shift;
    ASAN_POISON_MEMORY_REGION(arena + arena_used, whole);
    ASAN_UNPOISON_MEMORY_REGION(at, size);
    arena_used += whole;
    memset(at, 0xa5, size);
    pieces[piece_count++] = (struct piece){at, size};
    return at;
}

void *xen_pages(size_t count)
{
    return fake_memory(count * XEN_PAGE);
}

/* By the address's page, wherever in it the piece begins. */
uint64_t machine_phys(const volatile void *addr, size_t *size, bool written)
{
    (void)written;
    uintptr_t a = (uintptr_t)addr;
    for (unsigned i = 0; i < piece_count; i++) {
        uintptr_t start = (uintptr_t)pieces[i].at;
        if (a < start || a - start >= pieces[i].size)
            continue;
        *size = 1;
        return ((uint64_t)(i + 1) << 16 | (a / XEN_PAGE - start / XEN_PAGE)) * XEN_PAGE;
    }
    return 0; /* a static of a driver: nothing looks there */
}

uint8_t *fake_granted(uint32_t ref, bool writable)
{
    if (grants == NULL || ref >= grant_count || !(grants[ref].flags & GTF_permit_access) ||
        (writable && (grants[ref].flags & GTF_readonly)))
        return NULL;
    unsigned piece = grants[ref].frame >> 16, page = grants[ref].frame & 0xffff;
    if (piece == 0 || piece > piece_count)
        return NULL;
    uintptr_t start = (uintptr_t)pieces[piece - 1].at;
    return (uint8_t *)((start / XEN_PAGE + page) * XEN_PAGE);
}

void fake_use_grant(uint32_t ref)
{
    if (grants != NULL && ref < grant_count && grants[ref].flags != 0)
        grants[ref].flags |= GTF_reading;
}

void fake_end_use(uint32_t ref)
{
    grants[ref].flags &= (uint16_t)~GTF_reading;
}

bool hyper_parameter(unsigned index, uint64_t *value)
{
    (void)index;
    *value = fake_parameter;
    return true;
}

void *machine_map(uint64_t phys, size_t size, enum machine_memory memory)
{
    (void)phys, (void)size, (void)memory;
    return fake_mapped;
}

unsigned hyper_grant_pages_max(void)
{
    return GRANTS_MAX / PER_PAGE;
}

bool hyper_map_grants(unsigned index, void *page)
{
    if (index == 0)
        grants = page;
    grant_count = (index + 1) * PER_PAGE;
    memset(page, 0, XEN_PAGE);
    return true;
}

void hyper_notify(uint32_t port)
{
    if (fake_notified != NULL)
        fake_notified(port);
}

void event_wait_port(uint32_t port, uint64_t ns)
{
    (void)port;
    fake_now += ns;
    if (fake_while_waiting != NULL)
        fake_while_waiting();
}

void event_watch(uint32_t port)
{
    (void)port;
}

solo5_time_t target_clock_monotonic(void)
{
    return fake_now++;
}

/* A program that waits for what does not come: the harness decides how long. */
void xen_look(void)
{
    if (fake_now > UINT64_C(1000000000000))
        longjmp(fake_end, 2);
}

void xen_lie(const char *who, const char *what)
{
    snprintf(fake_lie, sizeof fake_lie, "%s %s", who, what);
    longjmp(fake_end, 1);
}

void solo5_abort(void)
{
    longjmp(fake_end, 3);
}

void log_write(enum log_level level, const char *format, ...)
{
    (void)level, (void)format;
}

bool string_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

void bus_lose(struct xen_device *dev, const char *why)
{
    snprintf(fake_lost, sizeof fake_lost, "%s", why);
    dev->lost = true;
    dev->driver->lost(dev);
}

struct xen_device *bus_device(solo5_handle_t handle)
{
    return handle == 1 ? &fake_device : NULL;
}

static struct node *find(const char *path)
{
    for (unsigned i = 0; i < node_count; i++)
        if (string_equal(nodes[i].path, path))
            return &nodes[i];
    return NULL;
}

void fake_node(const char *path, const char *value)
{
    struct node *node = find(path);
    if (node == NULL && node_count < NODES_MAX)
        node = &nodes[node_count++];
    if (node == NULL)
        abort();
    snprintf(node->path, sizeof node->path, "%s", value != NULL ? path : "");
    snprintf(node->value, sizeof node->value, "%s", value != NULL ? value : "");
}

uint64_t fake_written(const char *key)
{
    const struct node *node = find(key);
    return node != NULL ? strtoull(node->value, NULL, 10) : 0;
}

bool bus_read(const struct xen_device *dev, const char *key, char *to, size_t size)
{
    const struct node *node = find(key);
    (void)dev;
    if (node == NULL)
        return false;
    return (size_t)snprintf(to, size, "%s", node->value) < size;
}

bool bus_read_number(const struct xen_device *dev, const char *key, uint64_t *value)
{
    char text[64], *end;
    if (!bus_read(dev, key, text, sizeof text) || text[0] < '0' || text[0] > '9')
        return false;
    *value = strtoull(text, &end, 10);
    return *end == '\0';
}

bool bus_flag(const struct xen_device *dev, const char *key)
{
    uint64_t value;
    return bus_read_number(dev, key, &value) && value == 1;
}

void bus_write(const struct xen_device *dev, const char *key, uint64_t value)
{
    char text[24];
    (void)dev;
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    fake_node(key, text);
}
