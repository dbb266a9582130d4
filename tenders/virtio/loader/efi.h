/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the loader uses of UEFI 2.10, by its names there (chapters 4, 7 and 12). Members that are
 * not used have no type.
 */
#ifndef TENDERS_VIRTIO_LOADER_EFI_H
#define TENDERS_VIRTIO_LOADER_EFI_H

#include <stddef.h>
#include <stdint.h>

#define EFI_CALL __attribute__((ms_abi))

typedef uint64_t efi_status;
#define EFI_SUCCESS    0
#define EFI_LOAD_ERROR (UINT64_C(1) << 63 | 1)

enum efi_allocate { EFI_ANY_PAGES, EFI_MAX_ADDRESS, EFI_ADDRESS };

enum efi_memory_type {
    EFI_RESERVED,
    EFI_LOADER_CODE,
    EFI_LOADER_DATA,
    EFI_BOOT_SERVICES_CODE,
    EFI_BOOT_SERVICES_DATA,
    EFI_RUNTIME_SERVICES_CODE,
    EFI_RUNTIME_SERVICES_DATA,
    EFI_CONVENTIONAL,
    EFI_UNUSABLE,
    EFI_ACPI_RECLAIM,
    EFI_ACPI_NVS
};

struct efi_memory {
    uint32_t type, pad;
    uint64_t addr, virtual_addr, pages, attribute;
};

struct efi_guid {
    uint64_t low, high; /* of the 16 bytes in memory */
};

/* 8868e871-e4f1-11d3-bc22-0080c73c8881 and eb9d2d30-2d88-11d3-9a16-0090273fc14d */
#define EFI_ACPI20_GUID ((struct efi_guid){0x11d3e4f18868e871, 0x81883cc7800022bc})
#define EFI_ACPI10_GUID ((struct efi_guid){0x11d32d88eb9d2d30, 0x4dc13f279000169a})

struct efi_text_output {
    void *reset;
    efi_status(EFI_CALL *output_string)(struct efi_text_output *self, const uint16_t *text);
};

struct efi_boot_services {
    uint8_t header[24];
    void *tpl[2];
    efi_status(EFI_CALL *allocate_pages)(enum efi_allocate how, enum efi_memory_type type,
                                         uint64_t pages, uint64_t *addr);
    void *free_pages;
    efi_status(EFI_CALL *get_memory_map)(uint64_t *size, struct efi_memory *map, uint64_t *key,
                                         uint64_t *entry_size, uint32_t *version);
    void *others[21];
    efi_status(EFI_CALL *exit_boot_services)(void *image, uint64_t key);
};
_Static_assert(offsetof(struct efi_boot_services, allocate_pages) == 40, "EFI_BOOT_SERVICES");
_Static_assert(offsetof(struct efi_boot_services, get_memory_map) == 56, "EFI_BOOT_SERVICES");
_Static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 232, "EFI_BOOT_SERVICES");

struct efi_config {
    struct efi_guid guid;
    void *table;
};

struct efi_system_table {
    uint8_t header[24];
    void *vendor;
    uint32_t revision, pad;
    void *console_in[2];
    void *console_out_handle;
    struct efi_text_output *console_out;
    void *standard_error[2];
    void *runtime_services;
    struct efi_boot_services *boot_services;
    uint64_t config_count;
    struct efi_config *config;
};
_Static_assert(offsetof(struct efi_system_table, console_out) == 64, "EFI_SYSTEM_TABLE");
_Static_assert(offsetof(struct efi_system_table, boot_services) == 96, "EFI_SYSTEM_TABLE");
_Static_assert(offsetof(struct efi_system_table, config) == 112, "EFI_SYSTEM_TABLE");

#endif
