/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The devices of the domain: found in the store, matched to the manifest, connected. The two halves
 * of a device tell one another by their nodes `state` how far they are (xen/io/xenbus.h):
 *
 *     ours                                  the backend's
 *     Initialising                          Initialising
 *                                           InitWait: what it can do is in the store
 *     set_up: rings are in the store,
 *     Initialised or Connected
 *                                           Connected: properties are in the store
 *     start: Connected
 *     lost: Closed                          Closing, Closed, nothing: the device is taken away
 *     Initialising                          Closed, but online: it is to come back
 *
 * All devices are taken from step to step together, so that their backends work side by side.
 */
#include "xen.h"

#include <xen/io/xenbus.h>

#include "machine.h"
#include "match.h"

#define DEVICES_MAX (MFT_MAX_ENTRIES - 1)
#define PATIENCE_NS UINT64_C(20000000000)
#define LOOK_NS     UINT64_C(50000000)

static struct xen_device devices[DEVICES_MAX];
static unsigned device_count;
static struct xen_device *of_handle[MFT_MAX_ENTRIES];
static char names[XEN_PAGE];

static const struct xen_driver *const drivers[] = {&netfront, &blkfront};

/* ---- Reading and writing nodes ---- */

bool bus_read(const struct xen_device *dev, const char *key, char *to, size_t size)
{
    char path[STORE_PATH_MAX];
    store_path(path, dev->backend, key);
    return store_read(path, to, size);
}

bool bus_read_number(const struct xen_device *dev, const char *key, uint64_t *value)
{
    char path[STORE_PATH_MAX];
    store_path(path, dev->backend, key);
    return store_read_number(path, value);
}

bool bus_flag(const struct xen_device *dev, const char *key)
{
    uint64_t value;
    return bus_read_number(dev, key, &value) && value == 1;
}

void bus_write(const struct xen_device *dev, const char *key, uint64_t value)
{
    char path[STORE_PATH_MAX];
    store_path(path, dev->node, key);
    /* What is lost may have been taken out of the store. */
    if (!store_write_number(path, value) && !dev->lost) {
        log_write(LOG_ERROR, "%s: xenstore does not let this domain write %s", dev->name, path);
        solo5_abort();
    }
}

static uint64_t backend_state(const struct xen_device *dev)
{
    uint64_t state;
    return bus_read_number(dev, "state", &state) ? state : XenbusStateUnknown;
}

/* ---- Finding ---- */

static char *append(char *to, const char *text)
{
    while (*text != '\0')
        *to++ = *text++;
    *to = '\0';
    return to;
}

static char *append_number(char *to, unsigned value)
{
    if (value >= 10)
        to = append_number(to, value / 10);
    *to++ = (char)('0' + value % 10);
    *to = '\0';
    return to;
}

/* A disk is called as people write it into configurations: by its number, which is that of a Linux
 * device or an extended one (docs/man/xen-vbd-interface.7). */
static void name_device(struct xen_device *dev)
{
    unsigned number = dev->number, disk, part;
    if (dev->driver == &netfront) {
        append_number(append(dev->name, "vif"), number);
        return;
    }
    if (number >> 8 == 202)
        disk = number % 256 / 16, part = number % 16;
    else if (number >> 28 == 1)
        disk = number >> 8 & 0xfffff, part = number % 256;
    else
        disk = 26, part = 0;
    if (disk >= 26) {
        append_number(append(dev->name, "vbd"), number);
        return;
    }
    char letter[2] = {(char)('a' + disk), '\0'};
    char *end = append(append(dev->name, "xvd"), letter);
    if (part != 0)
        append_number(end, part);
}

static void add_device(const struct xen_driver *driver, const char *text)
{
    uint64_t number;
    if (!store_number(text, &number) || number > INT32_MAX)
        return;
    if (device_count == DEVICES_MAX) {
        log_write(LOG_ERROR, "this domain has more than %u devices", DEVICES_MAX);
        solo5_abort();
    }
    /* In the order of their numbers. */
    unsigned at = device_count++;
    for (; at > 0 && devices[at - 1].driver == driver && devices[at - 1].number > number; at--)
        devices[at] = devices[at - 1];
    devices[at] = (struct xen_device){.driver = driver, .number = (unsigned)number};
    append(append(append(append(devices[at].node, "device/"), driver->class), "/"), text);
    name_device(&devices[at]);
}

static void find_devices(void)
{
    for (unsigned d = 0; d < sizeof drivers / sizeof drivers[0]; d++) {
        char path[24];
        append(append(path, "device/"), drivers[d]->class);
        size_t len = store_list(path, names, sizeof names), end;
        for (size_t at = 0; at < len; at = end + 1) {
            for (end = at; names[end] != '\0';)
                end++;
            if (end - at <= 10)
                add_device(drivers[d], names + at);
        }
    }
}

/* ---- Matching ---- */

_Static_assert(sizeof devices[0].name <= WORDS_ADDRESS_SIZE, "a device's address is its name");

/* Gives those of (driver) their handles. */
static bool match_class(const struct xen_driver *driver, const struct mft *mft,
                        const struct device_word *words, unsigned word_count)
{
    static struct match_device found[DEVICES_MAX];
    struct xen_device *first = devices;
    unsigned count = 0;
    while (first < devices + device_count && first->driver != driver)
        first++;
    while (first + count < devices + device_count && first[count].driver == driver) {
        found[count] = (struct match_device){.taken = false};
        memcpy(found[count].address, first[count].name, sizeof first->name);
        count++;
    }
    if (!match_devices(mft, driver->mft_type, found, count, words, word_count))
        return false;
    for (unsigned i = 0; i < count; i++)
        first[i].handle = found[i].taken ? found[i].handle : 0;
    return true;
}

/* Those that the program does not need are as if they were not there. */
static void leave_others(void)
{
    unsigned count = 0;
    for (unsigned d = 0; d < device_count; d++) {
        if (devices[d].handle == 0) {
            log_write(LOG_WARN, "%s: in no manifest, not used", devices[d].name);
            continue;
        }
        devices[count] = devices[d];
        of_handle[devices[count].handle] = &devices[count];
        count++;
    }
    device_count = count;
}

/* ---- Connecting ---- */

/* False: the store does not say where it is. It refuses a watch that there is already, and tells
 * nothing then, so that one may look as often as something has changed. */
static bool find_backend(struct xen_device *dev)
{
    char path[STORE_PATH_MAX];
    uint64_t domain;
    unsigned token = TOKEN_DEVICE + (unsigned)(dev - devices);
    store_path(path, dev->node, "backend-id");
    if (!store_read_number(path, &domain) || domain >= UINT16_MAX)
        return false;
    store_path(path, dev->node, "backend");
    if (!store_read(path, dev->backend, sizeof dev->backend - 40))
        return false;
    dev->domain = (uint16_t)domain;
    store_watch(path, token);
    store_path(path, dev->backend, "state");
    store_watch(path, token);
    return true;
}

static bool open_port(struct xen_device *dev)
{
    dev->port = hyper_port_for(dev->domain);
    return dev->port != 0;
}

/* Waits until the backend's state is from (low) to Connected. */
static void await_backend(const struct xen_device *dev, uint64_t low)
{
    solo5_time_t end = target_clock_monotonic() + PATIENCE_NS;
    uint64_t state;
    while ((state = backend_state(dev)) < low || state > XenbusStateConnected) {
        if (state == XenbusStateClosing || state == XenbusStateClosed ||
            target_clock_monotonic() > end) {
            log_write(LOG_ERROR,
                      "%s: its backend in domain %u does not connect (state %u, wanted %u to %u)",
                      dev->name, dev->domain, (unsigned)state, (unsigned)low, XenbusStateConnected);
            solo5_abort();
        }
        store_wait(LOOK_NS);
        store_changed();
    }
}

static void connect_all(struct mft *mft)
{
    for (unsigned d = 0; d < device_count; d++) {
        if (!find_backend(&devices[d])) {
            log_write(LOG_ERROR, "%s: xenstore does not say where its backend is", devices[d].name);
            solo5_abort();
        }
    }
    for (unsigned d = 0; d < device_count; d++) {
        struct xen_device *dev = &devices[d];
        await_backend(dev, XenbusStateInitWait);
        if (!open_port(dev) || !dev->driver->set_up(dev)) {
            log_write(LOG_ERROR, "%s: cannot be set up", dev->name);
            solo5_abort();
        }
        event_watch(dev->port);
        bus_write(dev, "state", dev->driver->connected);
    }
    for (unsigned d = 0; d < device_count; d++) {
        struct xen_device *dev = &devices[d];
        struct mft_entry *entry = &mft->e[dev->handle];
        await_backend(dev, XenbusStateConnected);
        if (!dev->driver->start(dev, entry))
            solo5_abort();
        if (dev->driver->connected != XenbusStateConnected)
            bus_write(dev, "state", XenbusStateConnected);
        entry->attached = true;
        log_write(LOG_INFO, "%s: %s %s", dev->name, dev->driver->noun, entry->name);
    }
    /* Who waited for one did not look at the others. */
    bus_changed(UINT64_MAX);
}

const char *bus_init(struct mft *mft, char *cmdline)
{
    static struct device_word words[DEVICES_MAX];
    unsigned grants = 0, word_count;
    if (!words_devices(cmdline, words, DEVICES_MAX, &word_count))
        solo5_abort();
    const char *rest = cmdline_parse(cmdline); /* which says how much is to be told */
    find_devices();
    bool good = true;
    for (unsigned d = 0; d < sizeof drivers / sizeof drivers[0]; d++)
        good &= match_class(drivers[d], mft, words, word_count);
    if (!good)
        solo5_abort();
    leave_others();
    for (unsigned d = 0; d < device_count; d++)
        grants += devices[d].driver->grants;
    if (grants != 0)
        grant_init(grants);
    connect_all(mft);
    return rest;
}

/* ---- Afterwards ---- */

struct xen_device *bus_device(solo5_handle_t handle)
{
    return of_handle[handle];
}

void bus_each(void (*visit)(struct xen_device *dev))
{
    for (unsigned d = 0; d < device_count; d++)
        visit(&devices[d]);
}

void bus_lose(struct xen_device *dev, const char *why)
{
    const char *what = dev->driver->comes_back ? "is down" : "fails from now on";
    log_write(LOG_WARN, "%s: its backend %s: %s %s %s", dev->name, why, dev->driver->noun,
              machine_manifest()->e[dev->handle].name, what);
    dev->lost = true;
    event_unwatch(dev->port);
    /* Whereupon the backend lets go of what it was granted. */
    bus_write(dev, "state", XenbusStateClosed);
    dev->driver->lost(dev);
}

/* The device is there again, perhaps with another backend. */
static void set_up_again(struct xen_device *dev)
{
    hyper_close_port(dev->port);
    dev->refused = !open_port(dev) || !dev->driver->set_up(dev);
    if (dev->refused)
        log_write(LOG_WARN, "%s: stays down", dev->name);
    bus_write(dev, "state", dev->refused ? XenbusStateClosed : dev->driver->connected);
}

static void come_back(struct xen_device *dev)
{
    dev->lost = false;
    event_watch(dev->port);
    log_write(LOG_WARN, "%s: its backend is back: %s %s is up", dev->name, dev->driver->noun,
              machine_manifest()->e[dev->handle].name);
}

/* A device that is lost: what became of its backend, and how far we are. */
static void look_for_backend(struct xen_device *dev)
{
    char path[STORE_PATH_MAX];
    uint64_t ours, state;
    store_path(path, dev->node, "state");
    if (!find_backend(dev) || !store_read_number(path, &ours)) {
        dev->refused = false;
        return;
    }
    state = backend_state(dev);
    if (dev->refused)
        return;
    if (ours == dev->driver->connected && state == XenbusStateConnected)
        come_back(dev);
    else if (ours != dev->driver->connected && state == XenbusStateInitWait)
        set_up_again(dev);
    else if (ours == dev->driver->connected &&
             (state == XenbusStateClosing || state == XenbusStateClosed))
        bus_write(dev, "state", XenbusStateClosed);
    else if (ours == XenbusStateClosed && state == XenbusStateClosed && bus_flag(dev, "online"))
        bus_write(dev, "state", XenbusStateInitialising);
}

static void look_after_backend(struct xen_device *dev)
{
    uint64_t state = backend_state(dev);
    if (state == XenbusStateConnected)
        return;
    if (state == XenbusStateClosing && dev->driver->drain != NULL)
        dev->driver->drain(dev);
    bus_lose(dev, "is gone");
}

void bus_changed(uint64_t tokens)
{
    for (unsigned d = 0; d < device_count; d++) {
        struct xen_device *dev = &devices[d];
        if (!(tokens >> (TOKEN_DEVICE + d) & 1))
            continue;
        if (!dev->lost)
            look_after_backend(dev);
        if (dev->lost && dev->driver->comes_back)
            look_for_backend(dev);
    }
}
