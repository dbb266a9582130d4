/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A capture of all frames: see pcap.h. The form is that of draft-ietf-opsawg-pcap, in the byte
 * order of this machine, which a reader finds out from the magic number.
 */
#include "pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"

#define PCAP_MAGIC_NS      0xa1b23c4du
#define PCAP_LINK_ETHERNET 1u

struct pcap_file_header {
    uint32_t magic;
    uint16_t major;
    uint16_t minor;
    uint32_t reserved[2];
    uint32_t snap_len;
    uint32_t link_type;
};
_Static_assert(sizeof(struct pcap_file_header) == 24, "pcap's file header has 24 bytes");

struct pcap_record_header {
    uint32_t seconds;
    uint32_t nanoseconds;
    uint32_t captured_len;
    uint32_t frame_len;
};
_Static_assert(sizeof(struct pcap_record_header) == 16, "pcap's record header has 16 bytes");

int pcap_open(struct pcap *pcap, const char *path)
{
    const struct pcap_file_header header = {
        .magic = PCAP_MAGIC_NS,
        .major = 2,
        .minor = 4,
        .snap_len = FRAME_MAX,
        .link_type = PCAP_LINK_ETHERNET,
    };
    ssize_t written;

    /* A capture holds what people typed: it is for its owner's eyes. */
    pcap->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (pcap->fd < 0)
        return -1;
    written = write(pcap->fd, &header, sizeof header);
    if (written == (ssize_t)sizeof header) {
        pcap->length = sizeof header;
        return 0;
    }
    int error = written < 0 ? errno : ENOSPC;

    close(pcap->fd);
    pcap->fd = -1;
    errno = error;
    return -1;
}

int pcap_write(struct pcap *pcap, const uint8_t *frame, size_t len)
{
    struct timespec now;
    struct pcap_record_header header;
    struct iovec parts[2] = {
        {.iov_base = &header, .iov_len = sizeof header},
        {.iov_base = (void *)frame, .iov_len = len},
    };
    ssize_t written;

    if (pcap->fd < 0)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    header = (struct pcap_record_header){
        .seconds = (uint32_t)now.tv_sec,
        .nanoseconds = (uint32_t)now.tv_nsec,
        .captured_len = (uint32_t)len,
        .frame_len = (uint32_t)len,
    };
    written = writev(pcap->fd, parts, 2);
    if (written == (ssize_t)(sizeof header + len)) {
        pcap->length += written;
        return 0;
    }
    int error = written < 0 ? errno : ENOSPC;

    /* A pipe cannot be cut back; its reader then sees the torn record as the end. */
    if (written > 0 && ftruncate(pcap->fd, pcap->length) != 0 && errno != EINVAL)
        error = errno;
    close(pcap->fd);
    pcap->fd = -1;
    errno = error;
    return -1;
}
