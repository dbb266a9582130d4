/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * bindings.h: what the common parts of the bindings give one another and the targets.
 */
#ifndef BINDINGS_H
#define BINDINGS_H

#include "elf_abi.h"
#include "solo5_io.h"
#include "target.h"

/* The note that every image of a target has. */
#define DECLARE_ABI1_NOTE(target, version)                                \
    static const SOLO5_NOTE_STRUCT(struct abi1_info) abi1_note            \
        __attribute__((section(".note.solo5.abi"), used, aligned(4))) = { \
            .n_namesz = sizeof ABI1_NOTE_NAME,                            \
            .n_descsz = sizeof(struct abi1_info),                         \
            .n_type = ABI1_NOTE_TYPE,                                     \
            .n_name = ABI1_NOTE_NAME,                                     \
            .desc = {.abi_target = (target), .abi_version = (version)},   \
    }

/* ---- start.c: the state of the one program that runs */

/* What the tender offers beyond Solo5; all zeros under a tender that knows nothing of it. */
extern volatile struct ext1_offer ext_offer;

/* The memory map: text, read-only data, data, heap, end; from the linker script and the host. */
struct memory_map {
    uintptr_t text, text_end, rodata_end, data_end;
    uintptr_t heap, end;
};
extern struct memory_map memory_map;

/* The entry of every target, in C, on the initial stack. */
void start(const void *arg) __attribute__((noreturn));

/* ---- log.c: messages on the console, each whole in one write, preceded by "solo5: " */

enum log_level { LOG_QUIET, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);

/* Writes a message if (level) is on. Conversions: %s, %u (unsigned), %llu, %llx (uint64_t). Longer
 * than 240 characters it is cut. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- cmdline.c */

/* Takes the bindings' own options off the front of the command line, obeys them, and returns what
 * is left for the program. */
const char *cmdline_parse(const char *cmdline);

/* ---- devices.c: the manifest, and which of its devices have been acquired */

void devices_init(const struct mft *mft);

/* Returns the device called (name) and its handle if it is of (type), attached and not acquired
 * yet, and marks it acquired; else NULL. */
const struct mft_entry *devices_acquire(const char *name, enum mft_type type,
                                        solo5_handle_t *handle);

/* Returns the acquired device behind (handle) if it is of (type), else NULL. */
const struct mft_entry *devices_get(solo5_handle_t handle, enum mft_type type);

/* ---- trap.c */

struct trap_frame;

/* Reports a trap on the console and ends the program. */
void trap_handle(const struct trap_frame *frame) __attribute__((noreturn));

/* ---- lib.c */

void *memcpy(void *restrict dst, const void *restrict src, size_t size);
void *memset(void *dst, int byte, size_t size);
bool string_equal(const char *a, const char *b);

#endif
