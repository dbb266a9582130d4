/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * machine.h: what the targets that own a whole machine share, from the boot loader to the program's
 * entry. A target's own code starts in target_init, with all of this done:
 *
 *   boot.S, machine_enter   every boot protocol becomes one struct machine; the final tables are on
 *   start (common)          on the stack at the top of memory
 *   target_init             the target, which begins with machine_init
 *
 * target_console_write must work before target_init: what is wrong with a machine is said there.
 *
 * Memory as the program sees it is one region from the image on. Of the machine's memory it is the
 * piece that holds the image and the largest one after it, above 4 GiB or, where a firmware keeps
 * something soon after the image, below; that one is translated so that it follows the first:
 *
 *   program    0 .. text  rodata  data  heap ............ split ............... end
 *   physical   (none)     the same addresses              high ...
 *
 * Below `split` an address is its own physical address, from `split` on physical = address - split
 * + high. Whoever gives an address to a device asks machine_phys, and begins a new piece where it
 * says that one ends: a buffer of the program may lie across the split. What is the bindings' own
 * (statics: rings, tables) lies in the image, and there no address differs from the physical one.
 *
 * Nothing else is mapped: no page below the image, no device, no table of the firmware. machine_map
 * makes a window to those.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "bindings.h"

#define MACHINE_CMDLINE_MAX 8191 /* characters */

/* How the loader entered, as boot.S has it. */
enum machine_entry {
    MACHINE_ENTRY_UNKNOWN = 0,
    MACHINE_ENTRY_LINUX = 1,
    MACHINE_ENTRY_PVH = 2,
    MACHINE_ENTRY_MULTIBOOT = 3,
    MACHINE_ENTRY_FIVE_LEVELS = 4, /* as Linux, but with tables that the image cannot replace */
};

/* What the loader told, and what was made of it; filled in before start runs. */
struct machine {
    enum machine_entry entry;
    uint64_t rsdp;   /* physical address of ACPI's root pointer; 0: not told */
    uintptr_t split; /* see above; the same as `end` when all memory is one piece */
    uint64_t high;   /* physical address of what is mapped at `split` */
    uintptr_t end;   /* first address after the program's memory */
    char cmdline[MACHINE_CMDLINE_MAX + 1];
};
extern struct machine machine;

/* To be called first by target_init: fills in `boot` from the machine, with a manifest that the
 * target may write (no device is attached yet), and offers the program random numbers of the
 * processor's where it has such. */
void machine_init(struct boot *boot);

/* A random number that nobody else is given. False: the processor has none. */
bool machine_random(uint64_t *number);

/* Adds random numbers to those that the program is offered, and to those of the processor. */
void machine_add_random(uint64_t a, uint64_t b);

/* The same manifest. */
struct mft *machine_manifest(void);

/* The physical address of (addr), within the program's memory or the image; (size), at least 1, is
 * cut to what follows there without a gap. (written): a device is to write there. Memory that the
 * program has not touched yet is cleared when it does, so that everything a device is to write must
 * have gone through here before. Ends the program, with a line, when some of it is not the
 * program's, is a guard page, or is to be written and may not. */
uint64_t machine_phys(const volatile void *addr, size_t *size, bool written);

/* What the memory behind a window is. */
enum machine_memory {
    MACHINE_TABLE,  /* ordinary memory, for reading only */
    MACHINE_DEVICE, /* a device's registers: not cached, read and written */
    MACHINE_SHARED, /* ordinary memory, read and written */
};

/* Maps (size) bytes of physical memory from (phys), which need not be aligned, for good. Returns
 * NULL when the windows, 8 MiB in pages of 4 KiB, are used up, or when there is no such address.
 * Before there is a struct machine, for whoever ends the program then, it has the first 4 GiB.
 * Small windows to one page may be asked for again and again: they cost one page each. */
void *machine_map(uint64_t phys, size_t size, enum machine_memory memory);

/* target_mem_guard and target_set_tls_base are machine.c's for all targets here. */

/* ---- Console before there is another: the debug port 0xe9 where it answers, else COM1. */

void machine_console_write(const char *buf, size_t size);

/* ---- end.c: what ends most machines; power.c knows more of a machine, xen.c another way */

/* Ends QEMU with (status) where it has isa-debug-exit; else returns. The device's port reads as 0;
 * so do, on some monitors, ports that have no device, and what is written to them is lost. */
void machine_end_status(uint8_t status);

/* Gives the machine a tenth of a second to end, by as many reads of a port. */
#define MACHINE_END_READS 50000
void machine_end_wait(void);

/* Ends the machine, as far as that is known, or else resets it. */
void machine_end(void) __attribute__((noreturn));

/* ---- Clocks, in nanoseconds; the first never goes backwards. A target that does not know where a
 * clock is (clock_use_pv) has one looked for, and the program ended when there is none. */

void machine_clock_init(void);
solo5_time_t machine_clock_monotonic(void);
solo5_time_t machine_clock_wall(void);

/* ---- memory.c, for the handler of faults */

/* Makes memory at (addr) that was not touched yet present and zero. Returns false when there is
 * none there: then the fault is the program's. */
bool machine_freshen(uintptr_t addr);

/* ---- For machine_enter alone: memory.c, protocols.c */

struct machine_range {
    uint64_t start, end;
    bool usable;
};

/* Pages at the end of memory that stay the program's, whatever its devices take: its stack is
 * there. */
#define MACHINE_PROGRAM_PAGES 64

#define MACHINE_RANGES_MAX 256 /* as many as the loaders of solo5-virtio-mkimage tell */

struct machine_ranges {
    unsigned count;
    struct machine_range range[MACHINE_RANGES_MAX];
};

/* Reads what the loader left at (info) into `machine` and `ranges`; ends the program, with a
 * reason, when it is nothing that is known. */
void machine_read_loader(enum machine_entry entry, uint64_t info, struct machine_ranges *ranges);

/* Chooses the program's memory, sets machine.{split,high,end}, and builds and loads the tables. */
void machine_memory_init(struct machine_ranges *ranges);

/* boot.S: returns the top of the stack that start is to run on. */
uintptr_t machine_enter(enum machine_entry entry, uint64_t info);

#endif
