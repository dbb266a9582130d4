/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * xen.h: what the parts of the xen target give one another. No part but hypercall.c calls the
 * hypervisor. Whatever a backend or the store writes where both can is read once into a local and
 * checked; what can only be a lie ends the program by xen_lie.
 *
 *   hypercall.c   calls             grant.c      pages that others may use
 *   event.c       waiting           console.c    console
 *   store.c       xenstore          bus.c        devices: found, matched, connected, watched
 *   netfront.c    networks          blkfront.c   disks
 *   control.c     xl shutdown       xen.c        the target
 */
#ifndef XEN_TARGET_H
#define XEN_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ 0x00040e00

#include "bindings.h"

#define XEN_PAGE 4096

/* ---- xen.c */

/* Pages, for as long as the program runs; only while devices are being opened. There are as
 * many as are needed, or the program ends with a message. */
void *xen_pages(size_t count);

/* Looks at what the store says has changed, and obeys it. */
void xen_look(void);

/* Ends the program with a line that says what (who) did. */
void xen_lie(const char *who, const char *what) __attribute__((noreturn));

/* ---- hypercall.c. A port is an event channel; times are Xen's, in nanoseconds since it started.
 */

/* To be asked before any call: whether there is a Xen. */
bool hyper_present(void);

bool hyper_parameter(unsigned index, uint64_t *value);

/* Puts a page of Xen's, of which there may be several, in the place of ours. */
bool hyper_map_shared_info(void *page);
bool hyper_map_grants(unsigned index, void *page);
unsigned hyper_grant_pages_max(void);

/* Makes Xen write the wall clock into the shared page. */
void hyper_wake_wall_clock(void);

/* 0: there is none. */
uint32_t hyper_port_for(uint16_t domain);
void hyper_close_port(uint32_t port);
void hyper_notify(uint32_t port);

/* Sleeps until one of the ports is pending, or until (deadline); UINT64_MAX: no deadline. */
void hyper_poll(const uint32_t *ports, unsigned count, uint64_t deadline);

void hyper_console(const char *text, size_t size);
void hyper_shutdown(unsigned reason) __attribute__((noreturn));

/* ---- event.c */

struct shared_info;
void event_init(struct shared_info *shared);

/* What happens on that port ends event_wait from now on. */
void event_watch(uint32_t port);
void event_unwatch(uint32_t port);

/* To be called before one looks whether there is something to do, if one is to sleep after. */
void event_clear(void);
void event_wait(solo5_time_t deadline);

/* Waits for that port alone, for about (ns) at most. */
void event_wait_port(uint32_t port, uint64_t ns);

/* ---- grant.c: references to pages, which another domain may use as long as they are granted */

#define GRANT_NONE 0

/* (pages): how many references there may be wanted. */
void grant_init(unsigned count);

/* GRANT_NONE: all are in use, or there is no such page. */
uint32_t grant_page(uint16_t domain, const volatile void *addr, bool readonly);

/* Takes one back; a domain that still uses the page lies. */
void grant_end(uint32_t ref, const char *who);

/* Takes one back that a backend had which is gone. False: the other domain uses the page still, and
 * the reference remains what it was. */
bool grant_take_back(uint32_t ref);

/* Gives what is granted to another domain instead. False: the first uses the page still. */
bool grant_move(uint32_t ref, uint16_t domain);

unsigned grant_free_count(void);

/* ---- console.c */

/* Before it, output is lost that there is no room for. Without a console of its own, output goes to
 * Xen's. */
void console_init(void);
void console_write(const char *buf, size_t size);

/* Waits for what was written to be taken, a second at most. */
void console_finish(void);

/* ---- store.c: the store, by paths relative to the domain's own place or beginning with a slash */

void store_init(void);

/* False: there is no such node, or nothing that fits. (to): a string. */
bool store_read(const char *path, char *to, size_t size);
bool store_read_number(const char *path, uint64_t *value);

/* False: it may not be written. */
bool store_write(const char *path, const char *value);
bool store_write_number(const char *path, uint64_t value);

/* The names below (path), each with its terminator; returns their size, 0: none. */
size_t store_list(const char *path, char *to, size_t size);

/* What changes below (path) is told by store_changed, as bit number (token). */
void store_watch(const char *path, unsigned token);

/* The bits of what has changed since it was asked last; does not wait. */
uint64_t store_changed(void);

/* Whether there is something that it would tell. Any other call may have heard of it, and have
 * taken the event for it: to be asked before one sleeps. */
bool store_pending(void);

/* Waits until something may have changed, for about (ns) at most. */
void store_wait(uint64_t ns);

/* Puts a path together: (a)/(b); ends the program when it does not fit. */
#define STORE_PATH_MAX 160
void store_path(char to[STORE_PATH_MAX], const char *a, const char *b);

/* Decimal digits alone; false for anything else. */
bool store_number(const char *text, uint64_t *value);

/* ---- bus.c */

struct xen_device;

/* What a driver does with a device, in the order of the protocol (io/xenbus.h, io/blkif.h). */
struct xen_driver {
    const char *class;  /* in the store: "vif", "vbd" */
    const char *noun;   /* in messages */
    uint32_t mft_type;  /* of the manifest */
    unsigned connected; /* state to be in before the backend connects */
    unsigned grants;    /* what one device takes, about */
    /* The backend has said what it can do: makes the rings, writes to the store. False, and a
     * message: it cannot be used. */
    bool (*set_up)(struct xen_device *dev);
    /* The backend is connected: fills the manifest's entry in. */
    bool (*start)(struct xen_device *dev, struct mft_entry *entry);
    /* The backend is about to go: asks nothing more of it, and lets it answer what it was asked,
     * for a while. NULL: what is under way may be cut off. */
    void (*drain)(struct xen_device *dev);
    /* The backend is gone, or given up, and has been told so; for good, unless the device comes
     * back, by set_up once more. */
    void (*lost)(struct xen_device *dev);
    bool comes_back;
    /* What target_wait asks, before it sleeps (true) and afterwards. */
    bool (*ready)(struct xen_device *dev, bool before);
    /* After ready(true): how long a wait until (deadline) may be before it is called again,
     * although nothing has happened: the backend may have gone silent. NULL: as long as that. */
    solo5_time_t (*wait_until)(const struct xen_device *dev, solo5_time_t deadline);
    /* What was lent is done before the program ends; bounded. False: not yet. */
    bool (*finished)(struct xen_device *dev);
};

struct xen_device {
    const struct xen_driver *driver;
    char node[32];                /* in the store, such as device/vif/0 */
    char backend[STORE_PATH_MAX]; /* the backend's place there */
    char name[16];                /* for people: vif0, xvda */
    unsigned number;              /* of its class, from the store */
    uint16_t domain;              /* where the backend is */
    uint32_t port;
    solo5_handle_t handle; /* 0: belongs to nothing in the manifest */
    bool lost;             /* its backend is gone, */
    bool refused;          /* and another cannot be used */
    void *state;           /* the driver's */
};

extern const struct xen_driver netfront, blkfront;

/* Finds the devices, matches them to the manifest (match.h; a device's address is its name) and
 * connects those that it has. Words of the command line that are for this are taken out; returns
 * what is left for the program. Ends the program with messages when one is missing. */
const char *bus_init(struct mft *mft, char *cmdline);

/* The device behind a handle; NULL: none. */
struct xen_device *bus_device(solo5_handle_t handle);

/* Calls (visit) for all that serve a handle. */
void bus_each(void (*visit)(struct xen_device *dev));

/* A backend's nodes, and ours. */
bool bus_read(const struct xen_device *dev, const char *key, char *to, size_t size);
bool bus_read_number(const struct xen_device *dev, const char *key, uint64_t *value);
bool bus_flag(const struct xen_device *dev, const char *key);
void bus_write(const struct xen_device *dev, const char *key, uint64_t value);

/* From now on the device has no backend; (why): what became of it. */
void bus_lose(struct xen_device *dev, const char *why);

/* The store says that backends have changed: looks what they are now. */
void bus_changed(uint64_t tokens);

/* ---- netfront.c, blkfront.c */

solo5_result_t netfront_write(struct xen_device *dev, const uint8_t *buf, size_t size);
solo5_result_t netfront_read(struct xen_device *dev, uint8_t *buf, size_t size, size_t *read_size);
solo5_result_t blkfront_move(struct xen_device *dev, uint32_t op, solo5_off_t offset, void *buf,
                             size_t size);
const struct net_io *netfront_io(void);
const struct block_io *blkfront_io(struct xen_device *dev);

/* ---- control.c */

void control_init(void);

/* The node control/shutdown may have changed: obeys it. */
void control_changed(void);

/* Tokens of store_watch; devices come after. */
#define TOKEN_CONTROL 0
#define TOKEN_DEVICE  1

#endif
