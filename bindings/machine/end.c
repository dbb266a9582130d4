/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ends of a machine that need no knowledge of it: QEMU's isa-debug-exit and its power switch,
 * the keyboard controller's reset line, and a fault that the processor cannot handle.
 */
#include "machine.h"

#include "hardware.h"
#include "virtio_abi.h"

#define EXIT_ANSWER      0x00  /* the device's, and some monitors' without it */
#define POWER_PORT       0x604 /* PM1a's control register, on QEMU's PCs */
#define POWER_OFF        0x2000
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET   0xfe

/* The program may end before there is a clock, but every read of a port takes some time. */
void machine_end_wait(void)
{
    for (unsigned i = 0; i < MACHINE_END_READS; i++)
        port_in8(KEYBOARD_COMMAND);
}

void machine_end_status(uint8_t status)
{
    if (port_in8(VIRTIO_EXIT_PORT) == EXIT_ANSWER)
        port_out32(VIRTIO_EXIT_PORT, status);
}

/* Without a table of interrupts any of them ends the processor, which resets the machine. */
static void triple_fault(void)
{
    const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) none = {0, 0};
    __asm__ volatile("lidt %0\n\tint3" : : "m"(none));
}

void machine_end(void)
{
    port_out16(POWER_PORT, POWER_OFF);
    port_out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
    machine_end_wait();
    triple_fault();
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
