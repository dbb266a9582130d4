/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of images, as the tenders load them: the whole way from the file to guest memory. What is
 * accepted keeps the promises of image.h; what is refused has a reason.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "image.h"
#include "memory.h"
#include "mft.h"
#include "range.h"

#define MEM_SIZE UINT64_C(0x800000)

static const struct tender tender = {.name = "solo5-spt",
                                     .abi_target = SPT_ABI_TARGET,
                                     .abi_version = 2,
                                     .image_base = 0x100000,
                                     .mem_max_mb = 8};

static void check_segments(const struct image *image)
{
    uint64_t end = tender.image_base;

    FUZZ_CHECK(image->segment_count <= IMAGE_MAX_SEGMENTS);
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];

        FUZZ_CHECK(page_aligned(s->addr) && s->addr >= end && s->size != 0);
        FUZZ_CHECK(range_ok(s->addr, s->size, MEM_SIZE) && s->file_size <= s->size);
        FUZZ_CHECK(range_ok(s->offset, s->file_size, image->file_size));
        FUZZ_CHECK(!((s->protection & PROT_WRITE) && (s->protection & PROT_EXEC)));
        end = s->addr + s->size;
    }
    FUZZ_CHECK(image->end >= end && image->end < MEM_SIZE);
    FUZZ_CHECK(image_contains(image, image->entry, 1, PROT_EXEC));
}

static void check_memory(const struct image *image, struct gmem *gmem, const uint8_t *data)
{
    struct error error;

    if (image_load(image, gmem, false, "image", &error) != 0) {
        FUZZ_CHECK(error.text[0] != '\0');
        return;
    }
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *s = &image->segment[i];
        const uint8_t *at = gmem_at(gmem, s->addr, s->size);

        FUZZ_CHECK(memcmp(at, data + s->offset, s->file_size) == 0);
        for (uint64_t j = s->file_size; j < s->size; j++)
            FUZZ_CHECK(at[j] == 0 || !(s->protection & PROT_WRITE));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct image image;
    struct error error = {.text = ""};
    struct gmem gmem;
    const char *reason;
    char path[64];
    int fd = memfd_create("image", 0);

    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (image_open(&image, path, &tender, MEM_SIZE, &error) != 0) {
        FUZZ_CHECK(error.text[0] != '\0');
    } else {
        check_segments(&image);
        FUZZ_CHECK(mft_validate(image_mft(&image), mft_size(image_mft(&image)->entries), &reason) ==
                   0);
        FUZZ_CHECK(gmem_map(&gmem, 0, MEM_SIZE, 0, false, &error) == 0);
        check_memory(&image, &gmem, data);
        munmap(gmem_at(&gmem, 0, MEM_SIZE), MEM_SIZE);
        close(image.fd);
    }
    close(fd);
    return 0;
}
