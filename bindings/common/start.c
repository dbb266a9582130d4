/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * From the target's entry to the program's: memory map, command line, devices, canary, guard page.
 * Also the notes of an image that are the same on every target.
 */
#include "bindings.h"

#include "arch.h"
#include "knows.h"

/* Set by the linker script. */
extern char _stext[], _etext[], _erodata[], _end[];

volatile struct ext1_offer ext_offer __attribute__((aligned(8)));
struct memory_map memory_map;
uintptr_t __stack_chk_guard;

/* An image whose entry is mistaken for a program: no kernel finds its interpreter. */
static const char interp[] __attribute__((section(".interp"), used)) = ELF_INTERP_NAME;

/* Linux takes an image with this note for another system's; it comes before the others. */
static const struct {
    uint32_t namesz, descsz, type;
    char name[8];
    uint32_t desc;
} ident_note
    __attribute__((section(".note.solo5.not-openbsd"), used, aligned(4))) = {8, 4, 1, "OpenBSD", 0};

static const SOLO5_NOTE_STRUCT(struct ext1_request) extension_note
    __attribute__((section(".note.solo5.extension"), used, aligned(4))) = {
        .n_namesz = sizeof ABI1_NOTE_NAME,
        .n_descsz = sizeof(struct ext1_request),
        .n_type = EXT1_NOTE_TYPE,
        .n_name = ABI1_NOTE_NAME,
        .desc = {.version = EXT1_NOTE_VERSION,
                 .size = sizeof ext_offer,
                 .offer = (uint64_t)&ext_offer,
                 .trap = (uint64_t)&arch_trap_entry,
                 .knows = (uint64_t)TARGET_KNOWS},
};

static void map_memory(const struct boot *boot)
{
    const uintptr_t mask = SOLO5_PAGE_SIZE - 1;
    memory_map = (struct memory_map){
        .text = (uintptr_t)_stext,
        .text_end = (uintptr_t)_etext,
        .rodata_end = (uintptr_t)_erodata,
        .data_end = (uintptr_t)_end,
        .heap = boot->heap_start != 0 ? boot->heap_start : ((uintptr_t)_end + mask) & ~mask,
        .end = boot->mem_size & ~mask,
    };
    log_write(LOG_INFO, "Quintet " QUINTET_VERSION ", %llu KiB of memory",
              (unsigned long long)memory_map.end >> 10);
    log_write(LOG_INFO, "  text    %llx - %llx", (unsigned long long)memory_map.text,
              (unsigned long long)memory_map.text_end);
    log_write(LOG_INFO, "  rodata  %llx - %llx", (unsigned long long)memory_map.text_end,
              (unsigned long long)memory_map.rodata_end);
    log_write(LOG_INFO, "  data    %llx - %llx", (unsigned long long)memory_map.rodata_end,
              (unsigned long long)memory_map.data_end);
    log_write(LOG_INFO, "  heap    %llx - %llx", (unsigned long long)memory_map.heap,
              (unsigned long long)memory_map.end);
    if (memory_map.heap >= memory_map.end ||
        memory_map.end - memory_map.heap < 16 * SOLO5_PAGE_SIZE) {
        log_write(LOG_ERROR,
                  "too little memory: the image ends at %llu KiB of %llu; give more by "
                  "--mem=",
                  (unsigned long long)memory_map.heap >> 10,
                  (unsigned long long)memory_map.end >> 10);
        solo5_abort();
    }
}

/* A function that changes the canary under its own feet must not check it. */
__attribute__((optimize("no-stack-protector"))) void start(const void *arg)
{
    static struct solo5_start_info info;
    struct boot boot;

    target_init(arg, &boot);
    uint64_t canary = EXT1_HAS(ext_offer.features, EXT1_RANDOM)
                          ? ext_offer.random[0]
                          : arch_cycles() * UINT64_C(0x9e3779b97f4a7c15) ^ target_clock_monotonic();
    /* The lowest byte stays 0, so that a string that is too long cannot copy the canary. */
    __stack_chk_guard = canary & ~UINT64_C(0xff);

    info.cmdline = cmdline_parse(boot.cmdline);
    map_memory(&boot);
    devices_init(boot.mft);
    info.heap_start = memory_map.heap;
    info.heap_size = memory_map.end - memory_map.heap;
    solo5_mem_guard(memory_map.end - solo5_stack_reserve(info.heap_size), SOLO5_PAGE_SIZE);
    solo5_exit(solo5_app_main(&info));
}
