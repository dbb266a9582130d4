/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Every access and instruction that must end a program, one a run: the first
 * word of the command line says which.
 */
#include "test.h"

#define RET 0xc3

typedef void (*function)(void);

static const uint8_t rodata[16] = {RET, RET};
static uint8_t data[16] = {RET, RET};
static uint8_t bss[4096];
static const struct solo5_start_info *start;

static void read_at(uintptr_t address)
{
    __asm__ volatile("movb (%0), %%al" : : "r"(address) : "rax", "memory");
}

static void write_at(uintptr_t address)
{
    __asm__ volatile("movb $0x5a, (%0)" : : "r"(address) : "memory");
}

static void execute_at(uintptr_t address)
{
    __asm__ volatile("call *%0" : : "r"(address) : "memory");
}

static void null_read(void)
{
    read_at(0);
}

static void null_write(void)
{
    write_at(8);
}

static void null_execute(void)
{
    execute_at(0);
}

static void text_write(void)
{
    write_at((uintptr_t)&null_read);
}

/* An instruction that writes to where it is. */
static void self_write(void)
{
    __asm__ volatile("1: movb $0x5a, 1b(%%rip)" : : : "memory");
}

static void rodata_write(void)
{
    write_at((uintptr_t)rodata);
}

static void rodata_execute(void)
{
    execute_at((uintptr_t)rodata);
}

static void data_execute(void)
{
    execute_at((uintptr_t)data);
}

static void bss_execute(void)
{
    bss[0] = RET;
    execute_at((uintptr_t)bss);
}

static void heap_execute(void)
{
    *(volatile uint8_t *)start->heap_start = RET;
    execute_at(start->heap_start);
}

static void stack_execute(void)
{
    volatile uint8_t code[16] = {RET};
    execute_at((uintptr_t)code);
}

static void stack_overflow(void)
{
    __asm__ volatile("1: pushq %rax; jmp 1b");
}

static void below_image_read(void)
{
    read_at(0x8000);
}

static void below_image_write(void)
{
    write_at(0xfff00);
}

static void below_image_execute(void)
{
    execute_at(0xf0000);
}

static void boot_info_write(void)
{
    write_at((uintptr_t)start->cmdline);
}

static void above_memory_read(void)
{
    read_at(start->heap_start + start->heap_size);
}

static void above_memory_write(void)
{
    write_at(start->heap_start + start->heap_size);
}

static void far_above_memory_write(void)
{
    write_at(0x7000000000);
}

static void not_canonical_read(void)
{
    read_at((uintptr_t)1 << 62);
}

static void divide_by_zero(void)
{
    __asm__ volatile("xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx"
                     :
                     :
                     : "eax", "ecx", "edx");
}

static void invalid_instruction(void)
{
    __asm__ volatile("ud2");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void general_protection(void)
{
    /* movaps wants its operand aligned to 16. */
    __asm__ volatile("movaps %%xmm0, (%0)" : : "r"(start->heap_start + 8) : "memory");
}

static void sse_divide_by_zero(void)
{
    uint32_t unmasked = 0x1f80 & ~0x200u;
    volatile double zero = 0.0;
    volatile double result;

    __asm__ volatile("ldmxcsr %0" : : "m"(unmasked));
    result = 1.0 / zero;
    (void)result;
}

static void halt_instruction(void)
{
    __asm__ volatile("hlt");
}

static const struct {
    const char *name;
    function run;
} faults[] = {
    {"null-read", null_read},
    {"null-write", null_write},
    {"null-execute", null_execute},
    {"text-write", text_write},
    {"self-write", self_write},
    {"rodata-write", rodata_write},
    {"rodata-execute", rodata_execute},
    {"data-execute", data_execute},
    {"bss-execute", bss_execute},
    {"heap-execute", heap_execute},
    {"stack-execute", stack_execute},
    {"stack-overflow", stack_overflow},
    {"below-image-read", below_image_read},
    {"below-image-write", below_image_write},
    {"below-image-execute", below_image_execute},
    {"boot-info-write", boot_info_write},
    {"above-memory-read", above_memory_read},
    {"above-memory-write", above_memory_write},
    {"far-above-memory-write", far_above_memory_write},
    {"not-canonical-read", not_canonical_read},
    {"divide-by-zero", divide_by_zero},
    {"invalid-instruction", invalid_instruction},
    {"breakpoint", breakpoint},
    {"general-protection", general_protection},
    {"sse-divide-by-zero", sse_divide_by_zero},
    {"halt-instruction", halt_instruction},
};

int solo5_app_main(const struct solo5_start_info *info)
{
    start = info;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (after_word(info->cmdline, faults[i].name)) {
            say("about to fault\n");
            faults[i].run();
            say("FAILED: still alive\n");
            return TEST_FAILED;
        }
    }
    say("no such fault\n");
    return TEST_FAILED;
}
