/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ways to end a machine, one after another until one works: what solo5-virtio-run gives, QEMU's
 * isa-debug-exit, ACPI's sleep state S5 and reset register, and what ends any machine.
 */
#include "hardware.h"
#include "machine.h"
#include "probe.h"
#include "virtio_abi.h"

/* ACPI 6.4, 4.8.3.2.1 and 4.8.3.7. */
#define PM1_SCI_ENABLE   0x0001
#define PM1_TYPE_SHIFT   10
#define PM1_TYPE_MASK    0x1c00
#define PM1_SLEEP_ENABLE 0x2000
#define SLEEP_TYPE_SHIFT 2
#define SLEEP_ENABLE     0x20

static uint64_t window_to(const struct acpi_register *r)
{
    return (uint64_t)machine_map(r->addr, r->width, MACHINE_DEVICE);
}

/* One that is not there, or cannot be reached, reads as 0 and takes anything. */
static uint16_t read_register(const struct acpi_register *r)
{
    if (r->addr != 0 && r->io)
        return r->width == 1 ? port_in8((uint16_t)r->addr) : port_in16((uint16_t)r->addr);
    uint64_t at = r->addr != 0 ? window_to(r) : 0;
    if (at == 0)
        return 0;
    return r->width == 1 ? reg_read8(at) : reg_read16(at);
}

static void write_register(const struct acpi_register *r, uint16_t value)
{
    uint64_t at = r->addr == 0 || r->io ? 0 : window_to(r);
    if (r->addr == 0 || (!r->io && at == 0))
        return;
    if (r->width == 1)
        r->io ? port_out8((uint16_t)r->addr, (uint8_t)value) : reg_write8(at, (uint8_t)value);
    else
        r->io ? port_out16((uint16_t)r->addr, value) : reg_write16(at, value);
}

/* The firmware hands the registers over when it is asked to. */
static void enable_acpi(const struct acpi *acpi)
{
    uint16_t port = (uint16_t)acpi->pm1a_control.addr;
    if (!acpi->pm1a_control.io || port == 0 || (port_in16(port) & PM1_SCI_ENABLE) ||
        acpi->smi_command == 0 || acpi->acpi_enable == 0)
        return;
    port_out8(acpi->smi_command, acpi->acpi_enable);
    unsigned reads = 0;
    while (!(port_in16(port) & PM1_SCI_ENABLE) && reads < MACHINE_END_READS)
        reads++;
}

/* What is not of the sleep state stays as it is: 4.8.3.2.1. */
static void pm1_sleep(const struct acpi_register *control, uint8_t type)
{
    uint16_t keep = read_register(control) & ~(PM1_TYPE_MASK | PM1_SLEEP_ENABLE);
    write_register(control, (uint16_t)(keep | type << PM1_TYPE_SHIFT | PM1_SLEEP_ENABLE));
}

static void acpi_off(const struct acpi *acpi)
{
    if (!acpi->has_s5)
        return;
    if (acpi->sleep_control.addr != 0) {
        write_register(&acpi->sleep_control,
                       (uint16_t)(acpi->s5_type_a << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
    } else if (acpi->pm1a_control.addr != 0) {
        enable_acpi(acpi);
        pm1_sleep(&acpi->pm1a_control, acpi->s5_type_a);
        pm1_sleep(&acpi->pm1b_control, acpi->s5_type_b);
    } else {
        return;
    }
    machine_end_wait();
}

void power_off(uint8_t status)
{
    bool listens = port_in8(VIRTIO_STATUS_PORT) == VIRTIO_STATUS_MAGIC;
    if (listens) {
        port_out8(VIRTIO_STATUS_PORT, status);
        port_out32(VIRTIO_EXIT_PORT, 0);
    } else {
        machine_end_status(status);
    }
    const struct acpi *acpi = probe_acpi();
    acpi_off(acpi);
    if (acpi->reset.addr != 0) {
        write_register(&acpi->reset, acpi->reset_value);
        machine_end_wait();
    }
    machine_end();
}
