/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Ends the emulated host: writes a status to QEMU's isa-debug-exit port, after
 * which QEMU exits with 2 * status + 1. Statuses above 127 become 127.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

#define EXIT_PORT 0xf4

int main(int argc, char **argv)
{
    if (argc != 2 || iopl(3) != 0) {
        fputs("usage: vm-exit STATUS (as root)\n", stderr);
        return 1;
    }
    unsigned long status = strtoul(argv[1], NULL, 10);
    outb(status > 127 ? 127 : (unsigned char)status, EXIT_PORT);
    return 1; /* there is no such port: this is not the emulated host */
}
