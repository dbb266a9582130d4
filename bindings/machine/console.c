/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The console of the first moments: the debug port of Bochs, QEMU and Xen where it answers, else
 * the first serial port of a PC (16550) where there is one. It is waited for a bounded time, and
 * only once when it does not get on.
 */
#include "machine.h"

#include "hardware.h"
#include "virtio_abi.h"

#define COM1          0x3f8
#define COM1_STATUS   (COM1 + 5)
#define COM1_SCRATCH  (COM1 + 7)
#define STATUS_EMPTY  0x20
#define STATUS_ABSENT 0xff
#define SCRATCH       0xa5
#define WAIT_TURNS    100000

/* Where there is none a read gives all ones, or 0 with some monitors on KVM, as one that is busy
 * may. That one keeps what its scratch register is given. */
static bool has_com1(void)
{
    uint8_t status = port_in8(COM1_STATUS);
    if (status & STATUS_EMPTY)
        return status != STATUS_ABSENT;
    port_out8(COM1_SCRATCH, SCRATCH);
    return port_in8(COM1_SCRATCH) == SCRATCH;
}

static void com1_write(char c)
{
    static bool stuck; /* as the last character was written */
    unsigned turns = stuck ? 0 : WAIT_TURNS;
    while ((stuck = !(port_in8(COM1_STATUS) & STATUS_EMPTY)) && turns-- != 0)
        __builtin_ia32_pause();
    port_out8(COM1, (uint8_t)c);
}

void machine_console_write(const char *buf, size_t size)
{
    bool debug = port_in8(VIRTIO_DEBUGCON_PORT) == VIRTIO_DEBUGCON_PORT;
    if (!debug && !has_com1())
        return;
    for (size_t i = 0; i < size; i++) {
        if (debug) {
            port_out8(VIRTIO_DEBUGCON_PORT, (uint8_t)buf[i]);
        } else {
            if (buf[i] == '\n')
                com1_write('\r');
            com1_write(buf[i]);
        }
    }
}
