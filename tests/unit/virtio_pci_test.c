/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The PCI bus and the transports upon it (bindings/virtio): what a function says is used when it is
 * possible, and a device that lies about its registers is not used.
 */
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "machine.h"
#include "transport.h"
#include "unit.h"

#define VENDOR   0x1af4
#define BAR      0xfebd0000
#define BAR_SIZE 0x4000
#define MSIX     0xfebc0000
#define PORT     0xc000

/* Parts of BAR 4. */
enum { COMMON = 0x0000, ISR = 0x1000, CONFIG = 0x2000, NOTIFY = 0x3000 };

/* Capabilities. */
enum { CAP_MSIX = 0x98, CAP_COMMON = 0x84, CAP_ISR = 0x70, CAP_DEVICE = 0x60, CAP_NOTIFY = 0x40 };

static uint8_t registers[BAR_SIZE], table[4096];

static void capability(struct fake_function *f, unsigned at, unsigned next, unsigned type,
                       uint32_t offset, uint32_t length)
{
    fake_put(f->config, at, 1, 0x09);
    fake_put(f->config, at + 1, 1, next);
    fake_put(f->config, at + 2, 1, type == 2 ? 20 : 16);
    fake_put(f->config, at + 3, 1, type);
    fake_put(f->config, at + 4, 4, 4); /* BAR 4 */
    fake_put(f->config, at + 8, 4, offset);
    fake_put(f->config, at + 12, 4, length);
    if (type == 2)
        fake_put(f->config, at + 16, 4, 4);
}

/* The first capability: messages, by a table in BAR 1. */
static void put_msix(struct fake_function *f, unsigned next)
{
    fake_put(f->config, 6, 2, 0x10);
    fake_put(f->config, 0x34, 1, CAP_MSIX);
    fake_bar(f, 1, MSIX, sizeof table, 0);
    fake_put(f->config, CAP_MSIX, 4, 0x00030000 | next << 8 | 0x11);
    fake_put(f->config, CAP_MSIX + 4, 4, 1);
}

/* A network as QEMU has it. */
static struct fake_function *modern(uint64_t base)
{
    fake_reset();
    memset(registers, 0, sizeof registers);
    memset(table, 0, sizeof table);
    fake.region[fake.region_count++] = (struct fake_region){base, BAR_SIZE, registers};
    fake.region[fake.region_count++] = (struct fake_region){MSIX, sizeof table, table};
    struct fake_function *f = fake_function(0, 3, VENDOR, 0x1041);
    put_msix(f, CAP_COMMON);
    fake_bar(f, 4, base, BAR_SIZE, 0xc);
    capability(f, CAP_COMMON, CAP_ISR, 1, COMMON, 0x1000);
    capability(f, CAP_ISR, CAP_DEVICE, 3, ISR, 0x1000);
    capability(f, CAP_DEVICE, CAP_NOTIFY, 4, CONFIG, 0x1000);
    capability(f, CAP_NOTIFY, 0, 2, NOTIFY, 0x1000);
    return f;
}

static const struct pci_function place = {.slot = 3, .vendor = VENDOR, .device = 0x1041};

/* ---- Addresses that nobody gave ---- */

static uint32_t bar_at(unsigned index)
{
    return pci_read32(&place, 0x10 + index * 4);
}

START_TEST(assigned)
{
    struct pci_window window = {0xc0000800, 0x10000};
    struct fake_function *f = modern(0);
    fake_bar(f, 1, 0, sizeof table, 0);
    pci_assign(&place, &window);
    ck_assert_uint_eq(bar_at(1), 0xc0001000);
    ck_assert_uint_eq(bar_at(4), 0xc0004000 | 0xc);
    ck_assert_uint_eq(bar_at(5), 0);
    ck_assert_uint_eq(window.next, 0xc0008000);
    ck_assert_uint_eq(window.left, 0x8800);
}
END_TEST

START_TEST(not_assigned)
{
    struct pci_window small = {0xc0000000, 0x7fff}, large = {0xc0000000, 0x10000};
    struct fake_function *f = modern(0);
    fake_bar(f, 1, 0, sizeof table, 0);
    pci_assign(&place, &small); /* one byte is missing */
    ck_assert_uint_eq(bar_at(1), 0);
    ck_assert_uint_eq(small.left, 0x7fff);
    fake_bar(f, 1, MSIX, sizeof table, 0); /* somebody has given one */
    pci_assign(&place, &large);
    ck_assert_uint_eq(bar_at(1), MSIX);
    ck_assert_uint_eq(bar_at(4), 0xc);
    ck_assert_uint_eq(large.left, 0x10000);
}
END_TEST

/* ---- The bus ---- */

static char seen[256];

static void note(const struct pci_function *f, void *data)
{
    char text[32];
    (void)data;
    snprintf(text, sizeof text, "%x:%x.%x ", f->bus, f->slot, f->function);
    strcat(seen, text);
}

static struct fake_function *bridge(uint8_t bus, uint8_t slot, uint8_t behind)
{
    struct fake_function *f = fake_function(bus, slot, 0x1b36, 0x000c);
    f->config[0x0e] = 1;
    f->config[0x19] = behind;
    return f;
}

static void scan_sees(const char *functions)
{
    seen[0] = '\0';
    ck_assert(pci_scan(NULL, VENDOR, note, NULL));
    ck_assert_str_eq(seen, functions);
}

START_TEST(buses)
{
    fake_reset();
    bridge(0, 1, 7);
    fake_function(0, 2, 0x8086, 0x100e);
    fake_function(0, 4, VENDOR, 0x1042);
    fake_function(7, 0, VENDOR, 0x1041);
    scan_sees("0:4.0 7:0.0 ");
}
END_TEST

START_TEST(functions)
{
    fake_reset();
    fake_function(0, 4, VENDOR, 0x1042)->config[0x0e] = 0x80;
    fake_function(0, 4, VENDOR, 0x1041)->function = 5;
    fake_function(0, 5, VENDOR, 0x1041);
    fake_function(0, 5, VENDOR, 0x1041)->function = 1; /* slot 5 has one only */
    scan_sees("0:4.0 0:4.5 0:5.0 ");
}
END_TEST

/* Bridges that lead to each other and to themselves. */
START_TEST(bridges_in_circles)
{
    fake_reset();
    bridge(0, 1, 9);
    bridge(9, 0, 0);
    bridge(9, 1, 9);
    fake_function(9, 2, VENDOR, 0x1041);
    scan_sees("9:2.0 ");
}
END_TEST

START_TEST(no_bus)
{
    fake_reset();
    fake.no_ports = true;
    ck_assert(!pci_scan(NULL, VENDOR, note, NULL));
}
END_TEST

/* Configuration space in memory, of one bus; a bridge leads beyond it. */
START_TEST(bus_in_memory)
{
    static uint8_t space[1 << 20];
    fake_reset();
    seen[0] = '\0';
    fake.no_ports = true;
    memset(space, 0xff, sizeof space);
    fake.region[fake.region_count++] = (struct fake_region){0xe0000000, sizeof space, space};
    memset(space + (4 << 15), 0, 256);
    fake_put(space, 4 << 15, 4, 0x1041 << 16 | VENDOR);
    memset(space + (5 << 15), 0, 256);
    fake_put(space, 5 << 15, 4, 0x000c1b36);
    space[(5 << 15) + 0x0e] = 1;
    space[(5 << 15) + 0x19] = 1;
    const struct pci_ecam ecam = {
        .base = (uint64_t)machine_map(0xe0000000, sizeof space, MACHINE_DEVICE)};
    ck_assert(pci_scan(&ecam, VENDOR, note, NULL));
    ck_assert_str_eq(seen, "0:4.0 ");
}
END_TEST

static const struct {
    uint64_t base, size;
    unsigned kind;
    bool good;
} bars[] = {
    {0xfebd0000, 0x4000, 0x0, true},
    {0xfebd0000, 0x4000, 0xc, true},
    {0xfe000000000, 0x4000, 0xc, true},
    {0x4000000000, 0x4000000000, 0xc, true}, /* all of it in the upper half */
    {0xc000, 0x20, 0x1, true},
    {0, 0x4000, 0xc, false}, /* nobody gave it an address */
    {0, 0x20, 0x1, false},
    {0, 0, 0x0, false}, /* there is none */
};

START_TEST(where_bars_are)
{
    struct pci_bar got;
    fake_reset();
    struct fake_function *f = fake_function(0, 3, VENDOR, 0x1041);
    fake_bar(f, 2, bars[_i].base, bars[_i].size, bars[_i].kind);
    fake_put(f->config, 4, 2, 7);
    ck_assert_int_eq(pci_bar(&place, 2, &got), bars[_i].good);
    ck_assert_uint_eq(f->config[4], 7);
    if (bars[_i].good) {
        ck_assert_uint_eq(got.base, bars[_i].base);
        ck_assert_uint_eq(got.size, bars[_i].size);
        ck_assert_int_eq(got.io, bars[_i].kind & 1);
    }
    ck_assert(!pci_bar(&place, 6, &got));
    fake_bar(f, 5, 0xfebd0000, 0x4000, 0xc); /* no room for its upper half */
    ck_assert(!pci_bar(&place, 5, &got));
}
END_TEST

START_TEST(lists_that_loop)
{
    struct fake_function *f = modern(BAR);
    unsigned hops = 0, count = 0;
    fake_put(f->config, CAP_NOTIFY + 1, 1, CAP_MSIX);
    for (unsigned cap = 0; (cap = pci_capability(&place, 0x09, cap, &hops)) != 0;)
        ck_assert_uint_lt(++count, 100);
    fake_put(f->config, CAP_MSIX + 1, 1, CAP_MSIX);
    hops = 0;
    ck_assert_uint_eq(pci_capability(&place, 0x09, 0, &hops), 0);
    fake_put(f->config, 6, 2, 0); /* it has no list */
    hops = 0;
    ck_assert_uint_eq(pci_capability(&place, 0x09, 0, &hops), 0);
    fake_put(f->config, 6, 2, 0x10);
    fake_put(f->config, 0x34, 1, 0x10); /* it begins in the header */
    ck_assert_uint_eq(pci_capability(&place, 0x09, 0, &hops), 0);
}
END_TEST

/* ---- Modern devices ---- */

START_TEST(found)
{
    struct transport t;
    modern(_i == 0 ? BAR : UINT64_C(0xfe000000000));
    ck_assert(virtio_pci_find(&place, &t));
    ck_assert_str_eq(t.dev.name, "pci 00:03.0");
    ck_assert(!t.dev.legacy);
    ck_assert_uint_eq(t.config_size, 0x1000);
    ck_assert_uint_eq(table[8], 0);
    ck_assert(t.ops->enable(&t));
    ck_assert_uint_eq(table[8], FAKE_MESSAGE);
}
END_TEST

/* A capability that is changed into nonsense, and whether the device can do without. */
static const struct {
    unsigned at, size;
    uint64_t value;
    bool good;
} lies[] = {
    {CAP_COMMON + 8, 4, BAR_SIZE - 8, false},   /* beyond the BAR */
    {CAP_COMMON + 8, 4, UINT32_MAX - 3, false}, /* the sum wraps */
    {CAP_COMMON + 8, 4, 2, false},              /* not aligned */
    {CAP_COMMON + 12, 4, 0x37, false},          /* too short */
    {CAP_COMMON + 12, 4, UINT32_MAX, false},
    {CAP_COMMON + 4, 1, 5, false}, /* the upper half of another */
    {CAP_COMMON + 4, 1, 3, false}, /* BARs that there are not */
    {CAP_COMMON + 4, 1, 6, false},
    {CAP_COMMON + 4, 1, 255, false},
    {CAP_COMMON + 2, 1, 15, false}, /* the capability is cut */
    {CAP_NOTIFY + 2, 1, 16, false},
    {CAP_NOTIFY + 12, 4, 1, false},
    {CAP_ISR + 12, 4, 0, false},
    {CAP_DEVICE + 12, 4, 0, true},
    {CAP_DEVICE + 8, 4, BAR_SIZE, true},
    {CAP_MSIX + 4, 4, 0x1001, true}, /* the table is beyond its BAR */
    {CAP_MSIX + 4, 4, 7, true},
};

START_TEST(lied)
{
    struct transport t;
    struct fake_function *f = modern(BAR);
    fake_put(f->config, lies[_i].at, lies[_i].size, lies[_i].value);
    ck_assert_int_eq(virtio_pci_find(&place, &t), lies[_i].good);
    if (lies[_i].good && lies[_i].at < CAP_MSIX)
        ck_assert_uint_eq(t.config_size, 0);
    if (lies[_i].at >= CAP_MSIX)
        ck_assert(!t.ops->enable(&t));
}
END_TEST

START_TEST(capability_at_the_end)
{
    struct transport t;
    struct fake_function *f = modern(BAR);
    fake_put(f->config, CAP_DEVICE + 1, 1, 0xf0);
    memset(f->config + CAP_NOTIFY, 0, 20);
    fake_put(f->config, 0xf0, 4, 0x02140009); /* 20 bytes, of which 16 are left */
    fake_put(f->config, 0xf4, 4, 4);
    fake_put(f->config, 0xfc, 4, 0x1000);
    ck_assert(!virtio_pci_find(&place, &t));
}
END_TEST

/* ---- The life of a device ---- */

/* A device in which one thing is wrong. */
static enum {
    GOOD,
    NO_RESET,
    ONE_START,
    SLOW,
    NO_VERSION,
    NO_FEATURES_OK,
    NEVER_STILL,
    WANTS_RESET,
    GONE
} wrong;
static uint64_t command_at_reset, device_status, select_half, select_queue, enabled[4], accepted[2];
static unsigned generation, resetting;

static uint64_t read_register(uint64_t addr, unsigned width)
{
    if (wrong == GONE)
        return UINT64_MAX >> (64 - 8 * width);
    switch (addr - BAR) {
    case 0x04:
        return select_half == 0 ? 0xff : wrong != NO_VERSION;
    case 0x14:
        if (resetting != 0 && --resetting == 0)
            device_status = 0;
        return wrong == NO_RESET ? 1
               : device_status & 8 && wrong == NO_FEATURES_OK
                   ? device_status & ~UINT64_C(8)
                   : device_status | (device_status & 4 && wrong == WANTS_RESET ? 0x40 : 0);
    case 0x15:
        return wrong == NEVER_STILL ? generation++ : generation;
    case 0x18:
        return select_queue < 2 ? 256 : 0;
    case 0x1c:
        return enabled[select_queue & 3];
    case 0x1e:
        return select_queue == 0 ? 1 : 0x800; /* the second is told of beyond the structure */
    case CONFIG + 8:
        generation += generation < 3; /* changes while it is read, a few times */
        return generation;
    default:
        return 0;
    }
}

static void write_register(uint64_t addr, unsigned width, uint64_t value)
{
    (void)width;
    switch (addr - BAR) {
    case 0x00:
    case 0x08:
        select_half = value;
        break;
    case 0x0c:
        accepted[select_half & 1] = value;
        break;
    case 0x14:
        if (value == 0)
            command_at_reset = pci_read16(&place, PCI_COMMAND);
        if (value == 0 && (device_status & 4) && wrong == ONE_START)
            device_status |= 0x80; /* as Firecracker's do */
        else if (value == 0 && wrong == SLOW)
            resetting = 100;
        else
            device_status = value;
        break;
    case 0x16:
        select_queue = value;
        break;
    case 0x1c:
        enabled[select_queue & 3] = value;
        break;
    }
}

static struct transport device;

static struct virtio_device *live(int fault)
{
    modern(BAR);
    ck_assert(virtio_pci_find(&place, &device));
    wrong = fault, device_status = 0, generation = 0, resetting = 0;
    memset(enabled, 0, sizeof enabled);
    fake.read = read_register;
    fake.write = write_register;
    return &device.dev;
}

START_TEST(life)
{
    struct virtio_device *dev = live(GOOD);
    const struct virtio_transport *t = dev->transport;
    const struct virtio_queue_place where = {.size = 256, .desc = 0x1000};
    ck_assert(t->negotiate(dev, 0x5, 0x1));
    ck_assert_uint_eq(dev->features, UINT64_C(1) << 32 | 0x5);
    ck_assert_uint_eq(accepted[0], 0x5);
    ck_assert_uint_eq(accepted[1], 1);
    ck_assert_uint_eq(t->queue_max(dev, 0), 256);
    ck_assert_uint_eq(t->queue_max(dev, 2), 0);
    ck_assert_uint_eq(t->queue_max(dev, 4), 0);
    ck_assert(t->queue_setup(dev, 0, &where));
    ck_assert(t->start(dev));
    ck_assert_uint_eq(device_status, 0xf);
    ck_assert_uint_eq(command_at_reset, PCI_COMMAND_MEMORY);
    ck_assert_uint_eq(pci_read16(&place, PCI_COMMAND), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    ck_assert(t->alive(dev));
    t->reset(dev);
    ck_assert_uint_eq(device_status, 0);
    ck_assert_str_eq(fake.said, "");
}
END_TEST

/* One that says that it cannot be reset is not waited for; one that takes its time is, whatever its
 * status was. */
START_TEST(cannot_be_reset)
{
    struct virtio_device *dev = live(ONE_START);
    ck_assert(dev->transport->negotiate(dev, 0, 0));
    ck_assert(dev->transport->start(dev));
    fake.time_ns = 0;
    ck_assert(!dev->transport->reset(dev));
    ck_assert(dev->failed);
    ck_assert_uint_lt(fake.time_ns, 10000);
    ck_assert_str_eq(fake.said, "virtio pci 00:03.0: it does not come out of reset\n");
}
END_TEST

START_TEST(is_slow_to_reset)
{
    struct virtio_device *dev = live(SLOW);
    device_status = _i;
    ck_assert(dev->transport->reset(dev));
    ck_assert_uint_eq(device_status, 0);
    ck_assert(!dev->failed);
}
END_TEST

START_TEST(configuration_that_changes)
{
    struct virtio_device *dev = live(GOOD);
    uint32_t value = 0;
    uint8_t far[16];
    ck_assert(dev->transport->config_read(dev, 8, &value, sizeof value));
    ck_assert_uint_eq(value, 3);
    ck_assert(!dev->transport->config_read(dev, 0xffd, &value, sizeof value));
    ck_assert(!dev->transport->config_read(dev, UINT32_MAX, far, sizeof far));
    wrong = NEVER_STILL;
    ck_assert(!dev->transport->config_read(dev, 8, &value, sizeof value));
}
END_TEST

static const struct {
    int fault;
    const char *said;
} faults[] = {
    {NO_RESET, "virtio pci 00:03.0: it does not come out of reset\n"},
    {NO_VERSION, "virtio pci 00:03.0: it is neither of version 1 nor a legacy device\n"},
    {NO_FEATURES_OK, "virtio pci 00:03.0: it refuses the features that it offered\n"},
};

START_TEST(cannot_be_negotiated_with)
{
    struct virtio_device *dev = live(faults[_i].fault);
    ck_assert(!dev->transport->negotiate(dev, 0, 0));
    ck_assert(dev->failed);
    ck_assert_str_eq(fake.said, faults[_i].said);
    if (wrong == NO_RESET)
        ck_assert_uint_eq(pci_read16(&place, PCI_COMMAND), PCI_COMMAND_MEMORY);
}
END_TEST

START_TEST(lacks_a_feature)
{
    struct virtio_device *dev = live(GOOD);
    ck_assert(!dev->transport->negotiate(dev, 0, 0x100));
    ck_assert(dev->failed);
}
END_TEST

START_TEST(queues_not_taken)
{
    struct virtio_device *dev = live(GOOD);
    const struct virtio_queue_place where = {.size = 256, .desc = 0x1000};
    ck_assert(dev->transport->negotiate(dev, 0, 0));
    ck_assert(!dev->transport->queue_setup(dev, 1, &where));
    ck_assert(dev->failed);
    dev = live(GOOD);
    enabled[0] = 1; /* before anybody has set it up */
    ck_assert(!dev->transport->queue_setup(dev, 0, &where));
    dev = live(GOOD);
    ck_assert(!dev->transport->queue_setup(dev, 4, &where));
}
END_TEST

START_TEST(wants_to_be_reset)
{
    struct virtio_device *dev = live(GOOD);
    ck_assert(dev->transport->negotiate(dev, 0, 0));
    ck_assert(dev->transport->start(dev));
    wrong = WANTS_RESET;
    ck_assert(!dev->transport->alive(dev));
    ck_assert(dev->failed);
    ck_assert_ptr_nonnull(strstr(fake.said, "wants to be reset"));
}
END_TEST

/* Before it is asked for anything, as it starts, and later. */
START_TEST(is_not_there_any_more)
{
    struct virtio_device *dev = live(GOOD);
    if (_i == 0)
        wrong = GONE;
    ck_assert_int_eq(dev->transport->negotiate(dev, 0, 0), _i != 0);
    if (_i == 1)
        wrong = GONE;
    ck_assert_int_eq(dev->transport->start(dev), _i == 2);
    wrong = GONE;
    ck_assert(!dev->transport->alive(dev));
    ck_assert(dev->failed);
    ck_assert(dev->transport->reset(dev)); /* it touches nothing any more */
    ck_assert_str_eq(fake.said, "virtio pci 00:03.0: it is not in the machine any more\n");
}
END_TEST

START_TEST(configuration_changed)
{
    struct virtio_device *dev = live(GOOD);
    device.line = false;
    device.last_generation = 0;
    transport_look(&device);
    ck_assert(!dev->changed);
    generation = 7;
    transport_look(&device);
    ck_assert(dev->changed);
}
END_TEST

/* ---- Devices of old ---- */

START_TEST(legacy)
{
    struct transport t;
    fake_reset();
    struct fake_function *f = fake_function(0, 3, VENDOR, 0x1000);
    fake_bar(f, 0, PORT, 0x20, 1);
    ck_assert(!virtio_pci_find(&place, &t));
    ck_assert(virtio_legacy_find(&place, &t));
    ck_assert(t.dev.legacy);
    ck_assert(!t.ops->enable(&t));
    ck_assert_uint_eq(t.config_size, 0x20 - 0x14);
    fake.region[fake.region_count++] = (struct fake_region){MSIX, sizeof table, table};
    put_msix(f, 0);
    ck_assert(t.ops->enable(&t));
    ck_assert_uint_eq(t.config_size, 0x20 - 0x18); /* which begins behind the vectors */
    fake_bar(f, 0, 0xfff0000, 0x20, 1);            /* no port has such a number */
    ck_assert(!virtio_legacy_find(&place, &t));
    fake_bar(f, 0, PORT, 0x10, 1);
    ck_assert(!virtio_legacy_find(&place, &t));
    fake_bar(f, 0, 0xfebd0000, 0x20, 0);
    ck_assert(!virtio_legacy_find(&place, &t));
}
END_TEST

START_TEST(mmio)
{
    struct transport t;
    fake_reset();
    memset(registers, 0, sizeof registers);
    fake.region[fake.region_count++] = (struct fake_region){BAR, 512, registers};
    fake_put(registers, 0, 4, 0x74726976);
    fake_put(registers, 4, 4, 2);
    ck_assert(!virtio_mmio_find(BAR, 512, &t)); /* a place without a device */
    fake_put(registers, 8, 4, 1);
    ck_assert(virtio_mmio_find(BAR, 512, &t));
    ck_assert_str_eq(t.dev.name, "mmio febd0000");
    ck_assert_uint_eq(t.config_size, 0x100);
    ck_assert(!t.dev.legacy);
    fake_put(registers, 4, 4, 1);
    ck_assert(virtio_mmio_find(BAR, 512, &t));
    ck_assert(t.dev.legacy);
    fake_put(registers, 4, 4, 3);
    ck_assert(!virtio_mmio_find(BAR, 512, &t));
    ck_assert(!virtio_mmio_find(BAR, 256, &t));
    ck_assert(!virtio_mmio_find(BAR + 2, 512, &t));
    ck_assert(!virtio_mmio_find(0x1000, 512, &t));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_pci");
    TCase *bus = tcase_create("bus"), *devices = tcase_create("devices");

    tcase_add_test(bus, assigned);
    tcase_add_test(bus, not_assigned);
    tcase_add_test(bus, buses);
    tcase_add_test(bus, functions);
    tcase_add_test(bus, bridges_in_circles);
    tcase_add_test(bus, no_bus);
    tcase_add_test(bus, bus_in_memory);
    tcase_add_loop_test(bus, where_bars_are, 0, COUNT(bars));
    tcase_add_test(bus, lists_that_loop);
    suite_add_tcase(suite, bus);
    tcase_add_loop_test(devices, found, 0, 2);
    tcase_add_loop_test(devices, lied, 0, COUNT(lies));
    tcase_add_test(devices, capability_at_the_end);
    tcase_add_test(devices, life);
    tcase_add_test(devices, cannot_be_reset);
    tcase_add_loop_test(devices, is_slow_to_reset, 0, 256);
    tcase_add_test(devices, configuration_that_changes);
    tcase_add_loop_test(devices, cannot_be_negotiated_with, 0, COUNT(faults));
    tcase_add_test(devices, lacks_a_feature);
    tcase_add_test(devices, queues_not_taken);
    tcase_add_test(devices, wants_to_be_reset);
    tcase_add_loop_test(devices, is_not_there_any_more, 0, 3);
    tcase_add_test(devices, configuration_changed);
    tcase_add_test(devices, legacy);
    tcase_add_test(devices, mmio);
    suite_add_tcase(suite, devices);
    return suite;
}
