/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * QEMU's format (docs/interop/qcow2.txt, version 3): what is zero is not in it.
 */
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"

#define CLUSTER_BITS   16
#define CLUSTER        (UINT64_C(1) << CLUSTER_BITS)
#define L2_ENTRIES     (CLUSTER / 8)
#define REFCOUNTS      (CLUSTER / 2) /* in a block of them */
#define COPIED         (UINT64_C(1) << 63)
#define HEADER_SIZE    104
#define REFCOUNT_ORDER 4 /* 16 bits */

/* By numbers of clusters in the file. */
struct plan {
    uint64_t clusters; /* of the disk */
    uint64_t l1_size, l1, l1_clusters;
    uint64_t table, table_clusters, blocks, block_count; /* of reference counts */
    uint64_t next;
};

static void put_header(struct output *output, const struct disk *disk, const struct plan *plan)
{
    uint8_t header[HEADER_SIZE] = {0};

    memcpy(header, "QFI\xfb", 4);
    put_be32(header + 4, 3);
    put_be32(header + 20, CLUSTER_BITS);
    put_be64(header + 24, disk->size);
    put_be32(header + 36, (uint32_t)plan->l1_size);
    put_be64(header + 40, plan->l1 * CLUSTER);
    put_be64(header + 48, plan->table * CLUSTER);
    put_be32(header + 56, (uint32_t)plan->table_clusters);
    put_be32(header + 96, REFCOUNT_ORDER);
    put_be32(header + 100, HEADER_SIZE);
    output_write(output, 0, header, sizeof header);
}

/* One table of the second level and what it points to. Returns its place, 0 if all is zero. */
static uint64_t put_l2(struct output *output, const struct disk *disk, struct plan *plan,
                       uint64_t first)
{
    struct blob l2 = blob_new(CLUSTER), data = blob_new(CLUSTER);
    uint64_t own = 0;

    for (uint64_t i = 0; i < L2_ENTRIES && first + i < plan->clusters; i++) {
        if (!disk_read(disk, (first + i) * CLUSTER, data.data, CLUSTER))
            continue;
        if (own == 0)
            own = plan->next++;
        put_be64(l2.data + i * 8, plan->next * CLUSTER | COPIED);
        output_write(output, plan->next++ * CLUSTER, data.data, CLUSTER);
    }
    if (own != 0)
        output_write(output, own * CLUSTER, l2.data, CLUSTER);
    free(l2.data);
    free(data.data);
    return own;
}

static void put_refcounts(struct output *output, const struct plan *plan)
{
    struct blob table = blob_new(plan->table_clusters * CLUSTER), block = blob_new(CLUSTER);

    for (uint64_t i = 0; i < plan->block_count; i++) {
        memset(block.data, 0, CLUSTER);
        for (uint64_t n = 0; n < REFCOUNTS && i * REFCOUNTS + n < plan->next; n++)
            put_be16(block.data + n * 2, 1);
        put_be64(table.data + i * 8, (plan->blocks + i) * CLUSTER);
        output_write(output, (plan->blocks + i) * CLUSTER, block.data, CLUSTER);
    }
    output_write(output, plan->table * CLUSTER, table.data, table.size);
    free(table.data);
    free(block.data);
}

/* More than enough for the file, these blocks and their table included, so that each place is known
 * before what it holds; some may stay empty. */
static void plan_refcounts(struct plan *plan, const struct disk *disk)
{
    uint64_t others = plan->l1 + plan->l1_clusters + plan->l1_size, total;

    for (unsigned i = 0; i < disk->count; i++)
        others += disk->extent[i].size / CLUSTER + 2;
    do {
        total = others + plan->table_clusters + plan->block_count;
        plan->block_count = (total + REFCOUNTS - 1) / REFCOUNTS;
        plan->table_clusters = (plan->block_count * 8 + CLUSTER - 1) / CLUSTER;
    } while (total != others + plan->table_clusters + plan->block_count);
}

void qcow2_write(struct output *output, const struct disk *disk)
{
    struct plan plan = {.clusters = (disk->size + CLUSTER - 1) / CLUSTER, .l1 = 1};
    struct blob l1;

    plan.l1_size = (plan.clusters + L2_ENTRIES - 1) / L2_ENTRIES;
    plan.l1_clusters = (plan.l1_size * 8 + CLUSTER - 1) / CLUSTER;
    plan_refcounts(&plan, disk);
    plan.table = plan.l1 + plan.l1_clusters;
    plan.blocks = plan.table + plan.table_clusters;
    plan.next = plan.blocks + plan.block_count;
    l1 = blob_new(plan.l1_clusters * CLUSTER);
    for (uint64_t i = 0; i < plan.l1_size; i++) {
        uint64_t l2 = put_l2(output, disk, &plan, i * L2_ENTRIES);

        if (l2 != 0)
            put_be64(l1.data + i * 8, l2 * CLUSTER | COPIED);
    }
    output_write(output, plan.l1 * CLUSTER, l1.data, l1.size);
    put_refcounts(output, &plan);
    put_header(output, disk, &plan);
    output_size(output, plan.next * CLUSTER);
    free(l1.data);
}
