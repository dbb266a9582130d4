/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * mft_abi.h: the application manifest, version 1, as it stands in the "MFT1" note of an image and,
 * filled in by the tender, in guest memory. Binary compatible with Solo5 0.12. Self-contained: C11
 * headers only. A manifest is written as JSON and turned into C by `solo5-elftool gen-manifest`.
 */
#ifndef SOLO5_MFT_ABI_H
#define SOLO5_MFT_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MFT_VERSION 1

/* What an entry declares. Entry 0 of every manifest is MFT_RESERVED_FIRST with an empty name, so
 * that a handle (the index of an entry) is never 0. */
typedef enum mft_type {
    MFT_DEV_BLOCK_BASIC = 1,
    MFT_DEV_NET_BASIC = 2,
    MFT_RESERVED_FIRST = 1 << 30
} mft_type_t;

#define MFT_NAME_SIZE 68 /* bytes, with the terminator */
#define MFT_NAME_MAX  67 /* characters of [A-Za-z0-9] */

/* Entries at most, the reserved one included: a handle set has 64 bits. */
#define MFT_MAX_ENTRIES 64

/* Properties of a block device; the tender fills them in. */
struct mft_block_basic {
    uint64_t capacity;   /* bytes, a multiple of block_size */
    uint16_t block_size; /* bytes, a power of two from 512 */
};

/* Properties of a network device; the tender fills them in. */
struct mft_net_basic {
    uint8_t mac[6];
    uint16_t mtu; /* bytes, without the Ethernet header */
};

struct mft_entry {
    char name[MFT_NAME_SIZE];
    mft_type_t type;
    union {
        struct mft_block_basic block_basic;
        struct mft_net_basic net_basic;
    } u;
    union {
        int hostfd; /* the descriptor behind the device, where the guest itself uses it; else 0 */
        void *data; /* the owner's own pointer; never set in a manifest that another side sees */
    } b;
    bool attached; /* false in an image; the tender sets it */
};

/* The file that gen-manifest writes defines MFT_ENTRIES; elsewhere `e` is a flexible array. */
#ifndef MFT_ENTRIES
#define MFT_ENTRIES
#else
_Static_assert(MFT_ENTRIES >= 1 && MFT_ENTRIES <= MFT_MAX_ENTRIES, "a manifest has 1-64 entries");
#endif

struct mft {
    uint32_t version;
    uint32_t entries;
    struct mft_entry e[MFT_ENTRIES];
};

/* Tenders and guests of other builds read these structures: every offset is part of the ABI. */
_Static_assert(sizeof(mft_type_t) == 4, "the type is a u32");
_Static_assert(sizeof(struct mft_block_basic) == 16, "block properties");
_Static_assert(offsetof(struct mft_block_basic, block_size) == 8, "block properties");
_Static_assert(sizeof(struct mft_net_basic) == 8, "network properties");
_Static_assert(offsetof(struct mft_net_basic, mtu) == 6, "network properties");
_Static_assert(sizeof(struct mft_entry) == 104, "manifest entry");
_Static_assert(offsetof(struct mft_entry, type) == 68, "manifest entry");
_Static_assert(offsetof(struct mft_entry, u) == 72, "manifest entry");
_Static_assert(offsetof(struct mft_entry, b) == 88, "manifest entry");
_Static_assert(offsetof(struct mft_entry, attached) == 96, "manifest entry");
_Static_assert(offsetof(struct mft, e) == 8, "manifest");

/* The note that carries a manifest (ELF gABI, note section): owner "Solo5", padded to 8 bytes. The
 * 20 bytes of header are followed by 4 of padding, which n_descsz counts, so that the manifest is
 * aligned to 8. */
#define MFT1_NOTE_NAME "Solo5"
#define MFT1_NOTE_TYPE 0x3154464d /* "MFT1" */

struct mft1_nhdr {
    uint32_t n_namesz;
    uint32_t n_descsz;
    uint32_t n_type;
    char n_name[8];
};
_Static_assert(sizeof(struct mft1_nhdr) == 20, "note header");

struct mft1_note {
    struct mft1_nhdr h;
    struct mft m;
};
_Static_assert(offsetof(struct mft1_note, m) == 24, "the manifest follows 4 bytes of padding");

/* Alignment of the manifest, and the descriptor's size, padding included, for N entries. */
#define MFT1_NOTE_ALIGN        8
#define MFT1_NOTE_DESC_SIZE(n) (4 + offsetof(struct mft, e) + (n) * sizeof(struct mft_entry))
#define MFT1_NOTE_MAX_SIZE     MFT1_NOTE_DESC_SIZE(MFT_MAX_ENTRIES)

/* What a generated manifest begins and ends with; a braced initialiser of struct mft between. */
#define MFT1_NOTE_DECLARE_BEGIN                                                    \
    const struct mft1_note __solo5_mft1_note                                       \
        __attribute__((section(".note.solo5.manifest"), used, aligned(4))) = {     \
            .h = {.n_namesz = sizeof(MFT1_NOTE_NAME),                              \
                  .n_descsz = sizeof(struct mft1_note) - sizeof(struct mft1_nhdr), \
                  .n_type = MFT1_NOTE_TYPE,                                        \
                  .n_name = MFT1_NOTE_NAME},                                       \
            .m =
#define MFT1_NOTE_DECLARE_END \
    }                         \
    ;

#endif
