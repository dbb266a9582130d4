/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5.h: the interface of a unikernel to its host, source and binary compatible with Solo5 0.12.
 *
 * Conventions, for every function here:
 *  - One thread of execution: no function may be called while another runs, nor from a trap.
 *  - Buffers belong to the caller; none is kept after the call returns.
 *  - Nothing blocks but solo5_yield; solo5_console_write and the block functions take as long as
 *    the host's device takes.
 *  - Sizes and offsets are in bytes, times in nanoseconds.
 *  - A program MUST NOT count on SOLO5_R_EINVAL or SOLO5_R_EUNSPEC being returned: it may be
 *    ended instead. A pointer outside the program's memory ends it.
 *  - No enumeration here gains a value and no structure a member; additions are in solo5_io.h.
 */
#ifndef SOLO5_H
#define SOLO5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Result of a function that can fail. */
typedef enum {
    SOLO5_R_OK = 0, /* done */
    SOLO5_R_AGAIN,  /* not now; the same call may succeed later */
    SOLO5_R_EINVAL, /* an argument is not valid; nothing was done */
    SOLO5_R_EUNSPEC /* the host could not do it; what was done is not known */
} solo5_result_t;

/* ---- Start and end ------------------------------------------------------------------------- */

/*
 * What a program is given at its start; valid, and not to be changed, as long as it runs.
 *
 * [heap_start, heap_start + heap_size) is one region of memory, readable, writable, not executable,
 * zero at the start. The initial stack grows down from its end: its top solo5_stack_reserve() bytes
 * (solo5_io.h) are the stack's, and under a tender that can, the lowest page of those is a guard
 * that faults. The rest is the program's to use.
 */
struct solo5_start_info {
    const char *cmdline;  /* what the user gave the program, without the tender's own options and
                             without leading spaces; never NULL */
    uintptr_t heap_start; /* page aligned */
    size_t heap_size;     /* bytes, the initial stack included */
};

/*
 * The program's entry, which it defines.
 *
 * (info): see above; never NULL. Returning is the same as solo5_exit(returned value).
 */
int solo5_app_main(const struct solo5_start_info *info);

#define SOLO5_EXIT_SUCCESS 0
#define SOLO5_EXIT_FAILURE 1
#define SOLO5_EXIT_ABORT   255

/*
 * Ends the program; does not return.
 *
 * (status): 0 to 254, passed on to whoever started the tender where the host can; the host sees it
 * modulo 256. 255 and above are reserved.
 */
void solo5_exit(int status) __attribute__((noreturn));

/*
 * Ends the program abnormally with SOLO5_EXIT_ABORT; does not return. The tender may be told to do
 * more, such as to write a core file.
 */
void solo5_abort(void) __attribute__((noreturn));

/* ---- Thread-local storage ------------------------------------------------------------------ */

/*
 * Only the local-exec model is there (ELF Handling For Thread-Local Storage, 4.4). No block exists
 * at the start: a program that uses thread-local variables makes one for its first thread before it
 * touches any:
 *
 *     uintptr_t tls = (uintptr_t)calloc(1, solo5_tls_size());
 *     solo5_tls_init(tls);
 *     solo5_set_tls_base(solo5_tls_tp_offset(tls));
 */

/* Returns the bytes that one block takes, thread control block included; at least 8. */
size_t solo5_tls_size(void);

/*
 * Returns the value for the thread pointer that belongs to the block at (tls).
 *
 * (tls): address of a block of solo5_tls_size() bytes; the block need not be initialised.
 */
uintptr_t solo5_tls_tp_offset(uintptr_t tls);

/*
 * Initialises the block at (tls): copies the initial values, clears the rest, writes the thread
 * control block.
 *
 * (tls): address of solo5_tls_size() bytes, aligned to 16, or more where a thread-local variable
 * is. The block belongs to the caller, who may free it when no thread pointer refers to it.
 * Returns SOLO5_R_OK, or SOLO5_R_EINVAL when (tls) is 0 or not aligned.
 */
solo5_result_t solo5_tls_init(uintptr_t tls);

/*
 * Sets the processor's thread pointer to (base), as returned by solo5_tls_tp_offset. Takes a system
 * call on some hosts. Returns SOLO5_R_OK, or SOLO5_R_EINVAL when the processor or the host cannot
 * take that address; the thread pointer is then as before.
 */
solo5_result_t solo5_set_tls_base(uintptr_t base);

/* ---- Time ---------------------------------------------------------------------------------- */

/* A point in time or a span, nanoseconds. */
typedef uint64_t solo5_time_t;

/*
 * Returns the time since some point before the program started. It never goes back; it is not
 * adjusted to any other clock, and may stand still while the host keeps the program suspended.
 */
solo5_time_t solo5_clock_monotonic(void);

/*
 * Returns the host's wall clock: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not
 * counted. It may jump when the host's is set. Asks the host at every call, or, on a virtual
 * machine of its own (virtio, Xen), at most once a second; there it never goes back.
 */
solo5_time_t solo5_clock_wall(void);

/* ---- Devices and waiting ------------------------------------------------------------------- */

/* A device of the manifest, 1 to 63; and a set of them, handle n being bit n. */
typedef uint64_t solo5_handle_t;
typedef uint64_t solo5_handle_set_t;

/*
 * Blocks until the monotonic clock reaches (deadline) or a network device may have a packet to
 * read, whichever comes first; may also return early, so look again. A deadline in the past looks
 * once and does not block. This is the one place where an idle program waits.
 *
 * (deadline): nanoseconds on the monotonic clock; UINT64_MAX: no deadline.
 * (ready_set): set to the devices that may have a packet, empty when the deadline came first;
 * may be NULL. Devices that have not been acquired count too.
 */
void solo5_yield(solo5_time_t deadline, solo5_handle_set_t *ready_set);

/*
 * Writes (size) bytes from (buf) to the console. Best effort: bytes may be lost when the host has
 * no room, and there is no result.
 *
 * (buf): may be NULL when (size) is 0; need not end in a newline or a zero.
 */
void solo5_console_write(const char *buf, size_t size);

/* ---- Network ------------------------------------------------------------------------------- */

#define SOLO5_NET_ALEN 6  /* bytes of an Ethernet address */
#define SOLO5_NET_HLEN 14 /* bytes of an Ethernet header: target, source, type */

struct solo5_net_info {
    uint8_t mac_address[SOLO5_NET_ALEN];
    size_t mtu; /* bytes of the largest packet, without the Ethernet header */
};

/*
 * Acquires the network that the manifest declares as (name).
 *
 * (handle), (info): filled in; the caller's, not NULL.
 * Returns SOLO5_R_OK, or SOLO5_R_EINVAL when the manifest has no network of that name or it has
 * been acquired before; (*handle) and (*info) are then as before.
 */
solo5_result_t solo5_net_acquire(const char *name, solo5_handle_t *handle,
                                 struct solo5_net_info *info);

/*
 * Sends one Ethernet frame (IEEE 802.3, 3.1.1, from the target address on, without the check
 * sequence). Does not block: a frame for which the host has no room is dropped, and that counts as
 * sent.
 *
 * (size): SOLO5_NET_HLEN to mtu + SOLO5_NET_HLEN.
 * Returns SOLO5_R_OK; SOLO5_R_EINVAL when (size) is out of range; SOLO5_R_EUNSPEC when the host's
 * device failed.
 */
solo5_result_t solo5_net_write(solo5_handle_t handle, const uint8_t *buf, size_t size);

/*
 * Receives one Ethernet frame into (buf). Does not block.
 *
 * (size): room in (buf), at least mtu + SOLO5_NET_HLEN.
 * (read_size): set to the length of the frame.
 * Returns SOLO5_R_OK; SOLO5_R_AGAIN when there is none; SOLO5_R_EINVAL when (size) is too small;
 * SOLO5_R_EUNSPEC when the host's device failed. (*read_size) is valid only with SOLO5_R_OK.
 */
solo5_result_t solo5_net_read(solo5_handle_t handle, uint8_t *buf, size_t size, size_t *read_size);

/* ---- Block devices ------------------------------------------------------------------------- */

/* A position on a block device, bytes. */
typedef uint64_t solo5_off_t;

struct solo5_block_info {
    solo5_off_t capacity;   /* bytes, a multiple of block_size */
    solo5_off_t block_size; /* bytes, a power of two; the smallest unit */
};

/*
 * Acquires the block device that the manifest declares as (name): as solo5_net_acquire.
 */
solo5_result_t solo5_block_acquire(const char *name, solo5_handle_t *handle,
                                   struct solo5_block_info *info);

/*
 * Writes (size) bytes from (buf) to the device at (offset), and waits until the host has taken
 * them; that they are on stable storage is not promised.
 *
 * (offset), (size): multiples of block_size, (size) not 0, both within the capacity. Any number of
 * blocks may be written; under a tender that takes one at a time the request is split, and a
 * failure may leave the first blocks written.
 * Returns SOLO5_R_OK; SOLO5_R_EINVAL when (offset) or (size) is not as above; SOLO5_R_EUNSPEC when
 * the host's device failed.
 */
solo5_result_t solo5_block_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *buf,
                                 size_t size);

/*
 * Reads (size) bytes at (offset) of the device into (buf): all of them or a failure, after which
 * the contents of (buf) are not known. Arguments and results as solo5_block_write.
 */
solo5_result_t solo5_block_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *buf,
                                size_t size);

#ifdef __cplusplus
}
#endif

#endif
