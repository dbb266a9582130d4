/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Networks whose rings the kernel serves: see vhost.h, linux/vhost.h. The kernel gets all of guest
 * memory but what is below the image. It may write to the image's text there, which a guest could
 * change as well by page tables of its own: whoever else maps that file does not see it.
 */
#include "vhost.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vm.h"

#define BIT(n) (UINT64_C(1) << (n))

/* One region. */
struct memory {
    struct vhost_memory head;
    struct vhost_memory_region region;
};

static bool is_tap(int fd)
{
    struct ifreq request;

    memset(&request, 0, sizeof request);
    return ioctl(fd, TUNGETIFF, &request) == 0;
}

/* A tap without headers: the kernel takes them off and puts them on. */
static int set_features(int fd, const struct device *device, struct error *error)
{
    uint64_t wanted = BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_EVENT_IDX) |
                      (device->offload ? 0 : BIT(VHOST_NET_F_VIRTIO_NET_HDR));
    uint64_t has;

    if (ioctl(fd, VHOST_GET_FEATURES, &has) != 0)
        return error_set(error, "/dev/vhost-net: %s", strerror(errno));
    if ((has & wanted) != wanted)
        return error_set(error, "/dev/vhost-net: lacks features 0x%llx",
                         (unsigned long long)(wanted & ~has));
    if (ioctl(fd, VHOST_SET_FEATURES, &wanted) != 0)
        return error_set(error, "/dev/vhost-net: %s", strerror(errno));
    return 0;
}

static int set_memory(int fd, const struct gmem *gmem, struct error *error)
{
    struct memory memory = {
        .head.nregions = 1,
        .region =
            {
                .guest_phys_addr = HVT_GUEST_MIN_BASE,
                .memory_size = gmem->end - HVT_GUEST_MIN_BASE,
                .userspace_addr = (uintptr_t)gmem_at(gmem, HVT_GUEST_MIN_BASE, 0),
            },
    };

    if (ioctl(fd, VHOST_SET_MEM_TABLE, &memory) != 0)
        return error_set(error, "/dev/vhost-net: cannot give it guest memory: %s", strerror(errno));
    return 0;
}

/* Kicked as the tender would be; what it has done wakes the guest. */
static int set_events(int fd, const struct vm *vm, const struct queue *receive, struct error *error)
{
    for (unsigned i = 0; i < 2; i++) {
        struct vhost_vring_file kick = {i, receive[i].kick}, call = {i, vm->rings.wake};

        if (ioctl(fd, VHOST_SET_VRING_KICK, &kick) != 0 ||
            ioctl(fd, VHOST_SET_VRING_CALL, &call) != 0)
            return error_set(error, "/dev/vhost-net: cannot give it queues: %s", strerror(errno));
    }
    return 0;
}

int vhost_open(struct vm *vm, struct queue *receive, struct error *error)
{
    int fd;

    if (!is_tap(receive->device->fd))
        return error_set(error, "is no tap");
    fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return error_set(error, "/dev/vhost-net: %s; load it with: modprobe vhost_net",
                         strerror(errno));
    if (ioctl(fd, VHOST_SET_OWNER, NULL) != 0)
        error_set(error, "/dev/vhost-net: %s", strerror(errno));
    else if (set_features(fd, receive->device, error) == 0 &&
             set_memory(fd, &vm->gmem, error) == 0 && set_events(fd, vm, receive, error) == 0) {
        receive[HVT_RING_RECEIVE].vhost = receive[HVT_RING_SEND].vhost = fd;
        return 0;
    }
    close(fd);
    return -1;
}

static unsigned index_of(const struct queue *queue)
{
    return queue->kind == &queue_receive ? HVT_RING_RECEIVE : HVT_RING_SEND;
}

void vhost_set_call(const struct queue *queue, int fd)
{
    struct vhost_vring_file call = {index_of(queue), fd};

    ioctl(queue->vhost, VHOST_SET_VRING_CALL, &call);
}

bool vhost_start(const struct queue *queue)
{
    unsigned index = index_of(queue);
    struct vhost_vring_state size = {index, queue->ring.size}, base = {index, 0};
    struct vhost_vring_addr addr = {
        .index = index,
        .desc_user_addr = (uintptr_t)queue->ring.desc,
        .used_user_addr = (uintptr_t)queue->ring.used,
        .avail_user_addr = (uintptr_t)queue->ring.avail,
    };
    struct vhost_vring_file backend = {index, queue->device->fd};

    return ioctl(queue->vhost, VHOST_SET_VRING_NUM, &size) == 0 &&
           ioctl(queue->vhost, VHOST_SET_VRING_BASE, &base) == 0 &&
           ioctl(queue->vhost, VHOST_SET_VRING_ADDR, &addr) == 0 &&
           ioctl(queue->vhost, VHOST_NET_SET_BACKEND, &backend) == 0;
}
