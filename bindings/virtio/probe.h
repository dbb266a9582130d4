/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * probe.h: the machine's devices, from their being found to their serving a handle.
 */
#ifndef PROBE_H
#define PROBE_H

#include "acpi.h"
#include "bindings.h"
#include "virtio_device.h"

/* Finds the machine's devices, opens those that the program needs and attaches them to the
 * manifest, which it fills in. Ends the program with messages when one is missing. Words of the
 * command line that are for this are taken out; returns what is left for the program. */
const char *probe_devices(char *cmdline, struct mft *mft);

/* To be called before the program sleeps. Returns true when there is a device whose interrupts
 * never come: the sleep must be a short one. */
bool probe_before_sleep(void);

/* To be called when something has ended the sleep that no queue knows of. */
void probe_after_sleep(void);

/* The machine's tables, read the first time; all zeroes where it has none. */
const struct acpi *probe_acpi(void);

/* ---- entropy.c */

/* Opens a source of random numbers, takes some, and closes it. False: it gave none. */
bool entropy_device(struct virtio_device *dev);

/* ---- console.c */

/* Opens a console, to which output goes from now on. */
void console_device(struct virtio_device *dev);

/* False: there is none, or it fails. */
bool console_write(const char *buf, size_t size);

/* ---- power.c */

/* Switches the machine off, or restarts it where it cannot be: with the status, where anybody
 * listens. */
void power_off(uint8_t status) __attribute__((noreturn));

#endif
