/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of what solo5-virtio-mkimage makes of an image: what the loaders believe holds, since they
 * check nothing themselves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "image.h"
#include "loader/payload.h"
#include "mkimage.h"
#include "range.h"

#define MEM_SIZE UINT64_C(0x800000)

static const struct tender tender = {.name = "solo5-virtio-mkimage",
                                     .abi_target = VIRTIO_ABI_TARGET,
                                     .abi_version = 1,
                                     .image_base = 0x100000,
                                     .mem_max_mb = 8};

static void check(const struct image *image, const struct blob *blob, const uint8_t *data)
{
    const struct payload *payload = (const struct payload *)(const void *)blob->data;
    uint64_t end = tender.image_base;

    FUZZ_CHECK(payload->magic == PAYLOAD_MAGIC && payload->size == blob->size);
    FUZZ_CHECK(payload->segment_count <= PAYLOAD_SEGMENTS);
    FUZZ_CHECK(image_contains(image, payload->entry, 1, PROT_EXEC));
    FUZZ_CHECK(memchr(payload->cmdline, '\0', sizeof payload->cmdline) != NULL);
    for (uint32_t i = 0; i < payload->segment_count; i++) {
        const struct payload_segment *s = &payload->segment[i];

        FUZZ_CHECK(s->addr >= end && range_ok(s->addr, s->size, MEM_SIZE));
        FUZZ_CHECK(s->file_size <= s->size && s->offset % PAYLOAD_ALIGN == 0);
        FUZZ_CHECK(range_ok(s->offset, s->file_size, payload->size));
        FUZZ_CHECK(memcmp(blob->data + s->offset, data + image->segment[i].offset, s->file_size) ==
                   0);
        end = s->addr + s->size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32];
    struct image image;
    struct error error;
    struct blob blob = {NULL, 0};
    int fd = memfd_create("image", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (image_open(&image, path, &tender, MEM_SIZE, &error) == 0) {
        if (payload_make(&blob, &image, "one two", 3, &error) == 0)
            check(&image, &blob, data);
        else
            FUZZ_CHECK(error.text[0] != '\0');
        free(blob.data);
        close(image.fd);
    }
    close(fd);
    return 0;
}
