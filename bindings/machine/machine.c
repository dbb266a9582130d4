/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * From the boot loader to the target: what every target that owns a whole machine does alike.
 */
#include "machine.h"

#include "arch.h"

struct machine machine;

/* The manifest note of the image, which elftool's gen-manifest declares; read-only. */
extern const struct mft1_note __solo5_mft1_note;

/* A loader of multiboot takes the file as one piece: that holds as long as no alignment in the
 * image is larger than a page. */
#define DATA_MARK 0x51756e74
static volatile uint32_t data_mark = DATA_MARK;

static union {
    struct mft mft;
    uint8_t bytes[MFT1_NOTE_MAX_SIZE];
} manifest __attribute__((aligned(8)));

uintptr_t machine_enter(enum machine_entry entry, uint64_t info)
{
    static struct machine_ranges ranges;
    /* Before anything counts on data: the processor's tables, the level of messages. */
    if (data_mark != DATA_MARK) {
        log_set_level(LOG_ERROR);
        log_write(LOG_ERROR, "the loader has read the image's data from a wrong place in the file");
        solo5_abort();
    }
    arch_traps_init();
    if (!arch_no_execute_init()) {
        log_write(LOG_ERROR, "the processor cannot keep data from being executed (NX), as it must");
        solo5_abort();
    }
    machine_read_loader(entry, info, &ranges);
    machine_memory_init(&ranges);
    arch_fault_init();
    return machine.end;
}

static void copy_manifest(void)
{
    const struct mft *mft = &__solo5_mft1_note.m;
    uint32_t entries = mft->entries < MFT_MAX_ENTRIES ? mft->entries : MFT_MAX_ENTRIES;
    memcpy(&manifest, mft, offsetof(struct mft, e) + entries * sizeof(struct mft_entry));
    manifest.mft.entries = entries;
}

struct mft *machine_manifest(void)
{
    return &manifest.mft;
}

bool machine_random(uint64_t *number)
{
    return cpu_random(number);
}

void machine_add_random(uint64_t a, uint64_t b)
{
    ext_offer.random[0] ^= a;
    ext_offer.random[1] ^= b;
    ext_offer.features |= UINT64_C(1) << EXT1_RANDOM;
}

void machine_init(struct boot *boot)
{
    uint64_t a, b;
    copy_manifest();
    if (machine_random(&a) && machine_random(&b))
        machine_add_random(a, b);
    *boot = (struct boot){
        .cmdline = machine.cmdline,
        .mft = &manifest.mft,
        .mem_size = machine.end,
    };
    ext_offer.features |= UINT64_C(1) << EXT1_GUARD;
}

solo5_result_t target_set_tls_base(uintptr_t base)
{
    if (!arch_is_canonical(base))
        return SOLO5_R_EINVAL;
    arch_set_fs_base(base);
    return SOLO5_R_OK;
}

void target_trap_exit(const struct trap_frame *frame)
{
    target_exit(SOLO5_EXIT_ABORT, frame);
}
