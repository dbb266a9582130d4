/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Where devices are looked for:
 *
 *     words of the command line    virtio-mmio, as Firecracker and QEMU's microvm tell it
 *     PCI                          by ports; all buses
 *     ACPI, where neither is       virtio-mmio, and PCI in memory
 *
 * A device of a type that the program does not need is left alone, as it was left by whoever had
 * it.
 */
#include "probe.h"

#include "irq.h"
#include "machine.h"
#include "match.h"
#include "mmio_words.h"
#include "transport.h"
#include "virtio_abi.h"
#include "virtqueue.h"
#include "words.h"

#define DEVICES_MAX     96
#define ECAM_BUSES      4 /* what windows have room for */
#define WORDS_MAX       (MFT_MAX_ENTRIES - 1)
#define FIRST_BLOCK_MAX 4096 /* a disk with larger ones is not started from */

_Static_assert(VIRTIO_SERIAL_SIZE == MATCH_SERIAL_SIZE && VIRTIO_BLK_ID_SIZE <= WORDS_ADDRESS_SIZE,
               "a disk's serial number is its address");

static struct {
    struct transport devices[DEVICES_MAX];
    unsigned count;
    uint32_t types;  /* that the program needs, a set of 1 << VIRTIO_TYPE_* */
    bool lost_lines; /* somebody's interrupt cannot be had */
} found;

const struct acpi *probe_acpi(void)
{
    static struct acpi acpi;
    static bool read;
    if (!read) {
        read = true;
        acpi_read(&acpi, machine.rsdp);
    }
    return &acpi;
}

/* A place for one more device, or NULL. */
static struct transport *next_place(void)
{
    if (found.count < DEVICES_MAX)
        return &found.devices[found.count];
    log_write(LOG_WARN, "more than %u virtio devices: the others are not used", DEVICES_MAX);
    return NULL;
}

static uint32_t type_of(enum mft_type type)
{
    return type == MFT_DEV_NET_BASIC ? VIRTIO_TYPE_NET : VIRTIO_TYPE_BLOCK;
}

static void need(uint32_t type)
{
    found.types |= UINT32_C(1) << type;
}

static bool is_needed(uint32_t type)
{
    return type < 32 && found.types >> type & 1;
}

static void connect_line(const struct transport *t)
{
    if (t->line && (t->gsi == 0 || !irq_connect(t->gsi, t->trigger)))
        found.lost_lines = true;
}

static void add_mmio(const struct mmio_place *places, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct transport *t = next_place();
        if (t == NULL || !virtio_mmio_find(places[i].base, places[i].size, t) ||
            !is_needed(t->dev.type))
            continue;
        t->gsi = places[i].gsi;
        t->trigger = IRQ_LEVEL_HIGH;
        found.count++;
    }
}

/* 4.1.2: which device types ids mean; in those of old the subsystem tells. */
#define ID_FIRST       0x1000
#define ID_MODERN      0x1040
#define ID_LAST        0x107f
#define TYPE_OF_ID(id) ((id)-ID_MODERN)

static void add_pci(const struct pci_function *f, void *window)
{
    struct transport *t;
    bool transitional = f->device < ID_MODERN;
    uint32_t type = transitional ? pci_read16(f, PCI_SUBSYSTEM) : (uint32_t)TYPE_OF_ID(f->device);
    if (f->device < ID_FIRST || f->device > ID_LAST || !is_needed(type) ||
        (t = next_place()) == NULL)
        return;
    if (window != NULL)
        pci_assign(f, window);
    if (!virtio_pci_find(f, t) && !(transitional && virtio_legacy_find(f, t))) {
        transport_name_pci(t, f);
        log_write(LOG_WARN,
                  "virtio %s: not used, its registers are nowhere that can be reached (id %llx)",
                  t->dev.name, (unsigned long long)f->device);
        return;
    }
    t->dev.type = type;
    t->trigger = IRQ_LEVEL_LOW;
    /* Where configuration space is in memory no firmware has written this. */
    t->gsi = f->ecam == NULL ? pci_read8(f, PCI_INTERRUPT_LINE) : 0;
    found.count++;
}

static void find_devices(const struct mmio_place *places, unsigned count)
{
    add_mmio(places, count);
    if (pci_scan(NULL, VIRTIO_PCI_VENDOR, add_pci, NULL) || count != 0)
        return;
    const struct acpi *acpi = probe_acpi();
    add_mmio(acpi->mmio, acpi->mmio_count);
    if (acpi->ecam.base == 0)
        return;
    static struct pci_ecam ecam;
    struct pci_window window = acpi->window;
    ecam = acpi->ecam;
    ecam.last_bus = ecam.last_bus < ECAM_BUSES ? ecam.last_bus : ECAM_BUSES - 1;
    size_t size = (size_t)(ecam.last_bus + 1) << 20;
    ecam.base = (uint64_t)machine_map(ecam.base, size, MACHINE_DEVICE);
    pci_scan(&ecam, VIRTIO_PCI_VENDOR, add_pci, &window);
}

static void describe(struct virtio_device *dev, struct match_device *device)
{
    static char id[VIRTIO_BLK_ID_SIZE];
    struct mft_net_basic net;
    *device = (struct match_device){.taken = false};
    if (dev->type == VIRTIO_TYPE_NET) {
        virtio_net_info(dev, &net);
        match_mac_text(net.mac, device->address);
    } else if (virtio_blk_id(dev, id)) {
        memcpy(device->address, id, sizeof id);
    }
}

/* Locally administered, for one station, and for everybody to see: it is made of the program's
 * random numbers only where there are no others, and of both, so that it tells of neither. */
static void invent_address(uint8_t mac[6], solo5_handle_t handle)
{
    uint64_t number = target_clock_wall();
    machine_random(&number);
    unsigned __int128 product = number + ext_offer.random[0];
    product *= UINT64_C(0x9e3779b97f4a7c15) + handle + ext_offer.random[1];
    number = (uint64_t)product ^ (uint64_t)(product >> 64);
    memcpy(mac, &number, 6);
    mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02);
}

static void attach_net(struct virtio_device *dev, struct mft *mft, solo5_handle_t handle)
{
    struct mft_net_basic *info = &mft->e[handle].u.net_basic;
    virtio_net_info(dev, info);
    bool has_mac = false;
    for (unsigned i = 0; i < sizeof info->mac; i++)
        has_mac |= info->mac[i] != 0;
    if (!has_mac)
        invent_address(info->mac, handle);
    ext_offer.net[handle] = virtio_net_offload(dev);
    if (ext_offer.net[handle] != 0)
        ext_offer.features |= UINT64_C(1) << EXT1_NET_OFFLOAD;
    virtio_net_attach(dev, handle);
}

/* A disk that the machine was started from, and that nobody calls by a name (virtio_abi.h). */
static bool is_boot_disk(struct virtio_device *dev, const struct mft *mft, const char *serial)
{
    static const char mark[] = VIRTIO_BOOT_MARK;
    static uint8_t block[FIRST_BLOCK_MAX];
    for (unsigned i = 1; i < mft->entries; i++)
        if (serial[0] != '\0' && string_equal(mft->e[i].name, serial))
            return false;
    if (!virtio_blk_first(dev, block, sizeof block))
        return false;
    for (unsigned i = 0; i < sizeof mark; i++)
        if (block[VIRTIO_BOOT_MARK_OFFSET + i] != (uint8_t)mark[i])
            return false;
    return true;
}

/* Opens all devices of a type, sees which is which, attaches those and resets the others. */
static bool serve(struct mft *mft, enum mft_type type, const struct device_word *words,
                  unsigned word_count)
{
    static struct match_device devices[DEVICES_MAX];
    static struct virtio_device *open[DEVICES_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < found.count; i++) {
        struct virtio_device *dev = &found.devices[i].dev;
        if (dev->type != type_of(type) ||
            !(type == MFT_DEV_NET_BASIC ? virtio_net_open(dev) : virtio_blk_open(dev)))
            continue;
        describe(dev, &devices[count]);
        if (type == MFT_DEV_BLOCK_BASIC && is_boot_disk(dev, mft, devices[count].address)) {
            log_write(LOG_INFO, "virtio %s: the machine was started from it, not used", dev->name);
            vq_leave(dev);
            continue;
        }
        open[count++] = dev;
    }
    if (!match_devices(mft, type, devices, count, words, word_count))
        return false;
    for (unsigned i = 0; i < count; i++) {
        solo5_handle_t handle = devices[i].handle;
        log_write(LOG_INFO, "virtio %s: %s, %s", open[i]->name, devices[i].address,
                  devices[i].taken ? mft->e[handle].name : "in no manifest, not used");
        if (!devices[i].taken) {
            vq_leave(open[i]);
            continue;
        }
        if (type == MFT_DEV_NET_BASIC) {
            attach_net(open[i], mft, handle);
        } else {
            virtio_blk_info(open[i], &mft->e[handle].u.block_basic);
            virtio_blk_attach(open[i], handle);
        }
        connect_line(transport_of(open[i]));
        mft->e[handle].attached = true;
    }
    return true;
}

const char *probe_devices(char *cmdline, struct mft *mft)
{
    static struct device_word words[WORDS_MAX];
    static struct mmio_place places[ACPI_MMIO_DEVICES];
    unsigned word_count;
    if (!words_devices(cmdline, words, WORDS_MAX, &word_count))
        solo5_abort();
    unsigned place_count = words_mmio(cmdline, places, ACPI_MMIO_DEVICES);
    const char *rest = cmdline_parse(cmdline); /* which says how much is to be told */
    need(VIRTIO_TYPE_CONSOLE);
    need(VIRTIO_TYPE_ENTROPY);
    for (unsigned i = 1; i < mft->entries; i++)
        need(type_of(mft->e[i].type));
    irq_init(); /* the timer ends sleeps where there are no devices, too */
    find_devices(places, place_count);
    bool has_random = false;
    for (unsigned i = 0; i < found.count; i++) {
        struct virtio_device *dev = &found.devices[i].dev;
        if (dev->type == VIRTIO_TYPE_CONSOLE)
            console_device(dev);
        else if (dev->type == VIRTIO_TYPE_ENTROPY && !has_random)
            has_random = entropy_device(dev);
    }
    bool good = serve(mft, MFT_DEV_NET_BASIC, words, word_count);
    good &= serve(mft, MFT_DEV_BLOCK_BASIC, words, word_count);
    if (!good)
        solo5_abort();
    return rest;
}

bool probe_before_sleep(void)
{
    for (unsigned i = 0; i < found.count; i++)
        if (found.devices[i].line)
            transport_acknowledge(&found.devices[i]);
    return found.lost_lines;
}

void probe_after_sleep(void)
{
    for (unsigned i = 0; i < found.count; i++)
        if (found.devices[i].dev.driver != NULL)
            transport_look(&found.devices[i]);
}
