/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What is done with the devices that a machine has (bindings/virtio/probe.c): devices of old on
 * PCI, over drivers that only negotiate.
 */
#include "probe.h"

#include <string.h>

#include "fake.h"
#include "irq.h"
#include "machine.h"
#include "transport.h"
#include "unit.h"
#include "virtqueue.h"

#define PORTS      0xc000 /* of the first function; those of the next follow */
#define PORTS_SIZE 0x40
#define STATUS     0x12 /* among them: virtio 1.2, 4.1.4.10 */

#define STATUS_RUNNING (STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK)

#define LINES 24
#define WALL  UINT64_C(1700000000000000000)

volatile struct ext1_offer ext_offer;

static struct {
    uint8_t status[FAKE_FUNCTIONS];
    uint16_t command_at_reset[FAKE_FUNCTIONS];
    unsigned lines; /* connected, as a set */
} seen;

static const char *serials[FAKE_FUNCTIONS];
static bool has_random;

static union {
    struct mft mft;
    uint8_t bytes[sizeof(struct mft) + 4 * sizeof(struct mft_entry)];
} manifest;

/* ---- What else a target has ---- */

bool acpi_read(struct acpi *acpi, uint64_t rsdp)
{
    (void)rsdp;
    *acpi = (struct acpi){0};
    return false;
}

bool irq_init(void)
{
    return true;
}

bool irq_connect(unsigned gsi, enum irq_trigger trigger)
{
    ck_assert_int_eq(trigger, IRQ_LEVEL_LOW);
    if (gsi < LINES)
        seen.lines |= 1u << gsi;
    return gsi < LINES;
}

const char *cmdline_parse(const char *cmdline)
{
    return cmdline;
}

solo5_time_t target_clock_wall(void)
{
    return WALL;
}

bool machine_random(uint64_t *number)
{
    if (has_random)
        *number = UINT64_C(0x0123456789abcdef);
    return has_random;
}

void console_device(struct virtio_device *dev)
{
    (void)dev;
}

bool entropy_device(struct virtio_device *dev)
{
    (void)dev;
    return false;
}

void vq_leave(struct virtio_device *dev)
{
    dev->transport->reset(dev);
    dev->failed = true;
}

static bool open_device(struct virtio_device *dev)
{
    dev->driver = dev;
    return dev->transport->negotiate(dev, 0, 0) && dev->transport->start(dev);
}

bool virtio_net_open(struct virtio_device *dev)
{
    return open_device(dev);
}

bool virtio_blk_open(struct virtio_device *dev)
{
    return open_device(dev);
}

void virtio_net_info(const struct virtio_device *dev, struct mft_net_basic *info)
{
    (void)dev;
    *info = (struct mft_net_basic){.mtu = 1500};
}

void virtio_blk_info(const struct virtio_device *dev, struct mft_block_basic *info)
{
    (void)dev;
    *info = (struct mft_block_basic){.capacity = 512, .block_size = 512};
}

uint32_t virtio_net_offload(const struct virtio_device *dev)
{
    (void)dev;
    return 0;
}

bool virtio_blk_id(struct virtio_device *dev, char id[VIRTIO_BLK_ID_SIZE])
{
    const char *serial = serials[((struct transport *)dev)->function.slot - 1];
    if (serial != NULL)
        strcpy(id, serial);
    return serial != NULL;
}

bool virtio_blk_first(struct virtio_device *dev, uint8_t *buf, size_t size)
{
    (void)dev, (void)buf, (void)size;
    return false;
}

void virtio_net_attach(struct virtio_device *dev, solo5_handle_t handle)
{
    (void)dev, (void)handle;
}

void virtio_blk_attach(struct virtio_device *dev, solo5_handle_t handle)
{
    (void)dev, (void)handle;
}

/* ---- The machine, and what the program needs of it ---- */

static uint64_t read_port(uint64_t addr, unsigned width)
{
    (void)width;
    uint64_t at = addr - PORTS;
    return at % PORTS_SIZE == STATUS ? seen.status[at / PORTS_SIZE] : 0;
}

static void write_port(uint64_t addr, unsigned width, uint64_t value)
{
    (void)width;
    uint64_t at = addr - PORTS, n = at / PORTS_SIZE;
    if (at % PORTS_SIZE != STATUS)
        return;
    seen.status[n] = (uint8_t)value;
    if (value == 0)
        memcpy(&seen.command_at_reset[n], fake.function[n].config + PCI_COMMAND, 2);
}

/* A device that somebody has had, and left running without access to memory. */
static struct fake_function *add_device(uint16_t type, uint8_t line)
{
    unsigned n = fake.function_count;
    struct fake_function *f = fake_function(0, (uint8_t)(n + 1), VIRTIO_PCI_VENDOR, 0x1000);
    fake_put(f->config, PCI_SUBSYSTEM, 2, type);
    fake_put(f->config, PCI_INTERRUPT_LINE, 1, line);
    fake_bar(f, 0, PORTS + n * PORTS_SIZE, PORTS_SIZE, 1);
    seen.status[n] = STATUS_RUNNING;
    fake.read = read_port;
    fake.write = write_port;
    return f;
}

static void need(enum mft_type type, const char *name)
{
    struct mft *mft = &manifest.mft;
    mft->entries = mft->entries == 0 ? 2 : mft->entries + 1;
    struct mft_entry *entry = &mft->e[mft->entries - 1];
    entry->type = type;
    strcpy(entry->name, name);
}

static void probe(void)
{
    char nothing[] = "";
    probe_devices(nothing, &manifest.mft);
}

/* ---- */

/* A line that is the timer's, or none, is a line that nobody has said. */
static const struct {
    uint8_t line;
    bool lost;
} lines[] = {{11, false}, {0, true}, {255, true}};

START_TEST(lines_that_nobody_knows)
{
    add_device(VIRTIO_TYPE_BLOCK, lines[_i].line);
    need(MFT_DEV_BLOCK_BASIC, "disk");
    probe();
    ck_assert(manifest.mft.e[1].attached);
    ck_assert_int_eq(probe_before_sleep(), lines[_i].lost);
    ck_assert_uint_eq(seen.lines, lines[_i].lost ? 0 : 1u << lines[_i].line);
}
END_TEST

/* Devices of a type that the program does not have are as they were. */
START_TEST(not_needed)
{
    const struct fake_function before = *add_device(VIRTIO_TYPE_NET, 10);
    add_device(VIRTIO_TYPE_BLOCK, 11);
    if (_i != 0)
        need(MFT_DEV_BLOCK_BASIC, "disk");
    probe();
    probe_before_sleep();
    probe_after_sleep();
    ck_assert_mem_eq(&fake.function[0], &before, sizeof before);
    ck_assert_uint_eq(seen.status[0], STATUS_RUNNING);
    ck_assert_uint_eq(seen.status[1], STATUS_RUNNING);
    ck_assert_uint_eq(seen.lines, _i != 0 ? 1u << 11 : 0);
}
END_TEST

/* One that is needed uses memory when it has been reset, and not before. */
START_TEST(memory_after_reset)
{
    struct fake_function *f = add_device(VIRTIO_TYPE_BLOCK, 11);
    need(MFT_DEV_BLOCK_BASIC, "disk");
    probe();
    ck_assert_uint_eq(seen.command_at_reset[0], PCI_COMMAND_IO);
    ck_assert(f->config[PCI_COMMAND] & PCI_COMMAND_MASTER);
}
END_TEST

/* Of more disks than are needed each is named, and those that are left are reset. */
START_TEST(left)
{
    add_device(VIRTIO_TYPE_BLOCK, 10);
    add_device(VIRTIO_TYPE_BLOCK, 11);
    serials[0] = "other";
    serials[1] = "disk";
    need(MFT_DEV_BLOCK_BASIC, "disk");
    probe();
    ck_assert_str_eq(fake.said, "virtio pci 00:01.0: other, in no manifest, not used\n"
                                "virtio pci 00:02.0: disk, disk\n");
    ck_assert_uint_eq(seen.status[0], 0);
    ck_assert_uint_eq(seen.status[1], STATUS_RUNNING);
    ck_assert_uint_eq(seen.lines, 1u << 11);
}
END_TEST

/* An address that is made up has nothing of what the program's secrets are made of, which is as
 * good as: half of its bits are others. */
START_TEST(invented_addresses)
{
    const uint64_t secrets[] = {UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344)};
    ext_offer.random[0] = secrets[0];
    ext_offer.random[1] = secrets[1];
    has_random = _i;
    add_device(VIRTIO_TYPE_NET, 10);
    add_device(VIRTIO_TYPE_NET, 11);
    need(MFT_DEV_NET_BASIC, "one");
    need(MFT_DEV_NET_BASIC, "two");
    probe();
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *mac = manifest.mft.e[1 + i].u.net_basic.mac;
        ck_assert_uint_eq(mac[0] & 3, 2);
        for (unsigned k = 0; k < 2; k++) {
            uint64_t known = 0;
            memcpy(&known, mac, 6);
            known ^= secrets[k];
            ck_assert_int_ge(__builtin_popcountll(known << 16), 12);
            known ^= WALL;
            ck_assert_int_ge(__builtin_popcountll(known << 16), 12);
        }
    }
    ck_assert_mem_ne(manifest.mft.e[1].u.net_basic.mac, manifest.mft.e[2].u.net_basic.mac, 6);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("virtio_probe");
    TCase *tc = tcase_create("virtio_probe");

    tcase_add_loop_test(tc, lines_that_nobody_knows, 0, COUNT(lines));
    tcase_add_loop_test(tc, not_needed, 0, 2);
    tcase_add_test(tc, memory_after_reset);
    tcase_add_test(tc, left);
    tcase_add_loop_test(tc, invented_addresses, 0, 2);
    suite_add_tcase(suite, tc);
    return suite;
}
