/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Networks of a guest: taps by name, and descriptors that whoever started the tender has opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach.h"
#include "parse.h"
#include "solo5_io.h"

#define MTU_DEFAULT 1500  /* of a descriptor that has no interface */
#define MTU_MIN     68    /* RFC 791, 3.2 */
#define MTU_MAX     65521 /* with the Ethernet header at most 65535 bytes */

#define TAP_FLAGS (IFF_TAP | IFF_NO_PI)

/* linux/if_tun.h has these since Linux 6.2. */
#define TUN_USO4 0x20
#define TUN_USO6 0x40

#define BIT(n) (UINT32_C(1) << (n))

/* What a tap can be told that its reader takes, from the most to the least, and what it does then.
 * What a writer asks for in a header, the kernel does without being told. */
static const struct {
    unsigned tun;
    uint32_t offload;
} offloads[] = {
    {TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_USO4 | TUN_USO6,
     BIT(SOLO5_NET_CSUM_OUT) | BIT(SOLO5_NET_TSO4_OUT) | BIT(SOLO5_NET_TSO6_OUT) |
         BIT(SOLO5_NET_USO_OUT) | BIT(SOLO5_NET_CSUM_IN) | BIT(SOLO5_NET_TSO4_IN) |
         BIT(SOLO5_NET_TSO6_IN) | BIT(SOLO5_NET_USO_IN)},
    {TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, BIT(SOLO5_NET_CSUM_OUT) | BIT(SOLO5_NET_TSO4_OUT) |
                                               BIT(SOLO5_NET_TSO6_OUT) | BIT(SOLO5_NET_CSUM_IN) |
                                               BIT(SOLO5_NET_TSO4_IN) | BIT(SOLO5_NET_TSO6_IN)},
    {0, BIT(SOLO5_NET_CSUM_OUT) | BIT(SOLO5_NET_TSO4_OUT) | BIT(SOLO5_NET_TSO6_OUT)},
};

/* Asks the kernel for something of the interface that (request) names. */
static int interface_ioctl(unsigned long what, struct ifreq *request)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result, why;

    if (fd < 0)
        return -1;
    result = ioctl(fd, what, request);
    why = errno;
    close(fd);
    errno = why;
    return result;
}

static int set_mtu(struct device *device, const char *name, int mtu, struct error *error)
{
    if (mtu < MTU_MIN || mtu > MTU_MAX)
        return error_set(error,
                         "%s: MTU %d is not from %d to %d; set it with: ip link set dev %s "
                         "mtu 1500",
                         name, mtu, MTU_MIN, MTU_MAX, name);
    device->mtu = (uint16_t)mtu;
    return 0;
}

static void name_interface(struct ifreq *request, const char *name)
{
    memset(request, 0, sizeof *request);
    memcpy(request->ifr_name, name, strlen(name) + 1);
}

static int check_exists(const char *name, const struct tender *tender, struct error *error)
{
    bool root = syscall(SYS_geteuid) == 0;
    struct ifreq request;

    name_interface(&request, name);
    if (interface_ioctl(SIOCGIFFLAGS, &request) == 0)
        return 0;
    if (errno == ENODEV && strcmp(name, TENDER_NET_USER) == 0)
        return error_set(error,
                         "%s: no such interface, and %s has no network of its own; without root: "
                         "solo5-usernet -- %s --net:NAME=@FD ...",
                         name, tender->name, tender->name);
    if (errno == ENODEV)
        return error_set(error,
                         "%s: no such interface; create it%s with: ip tuntap add %s mode tap%s",
                         name, root ? "" : " as root", name, root ? "" : " user $USER");
    return error_set(error, "%s: %s", name, strerror(errno));
}

/* The interface is up, and has an MTU that fits. */
static int check_interface(struct device *device, const char *name, struct error *error)
{
    struct ifreq request;

    name_interface(&request, name);
    if (interface_ioctl(SIOCGIFFLAGS, &request) != 0)
        return error_set(error, "%s: %s", name, strerror(errno));
    if (!(request.ifr_flags & IFF_UP))
        return error_set(error,
                         "%s: the interface is down; bring it up with: ip link set dev %s up", name,
                         name);
    if (interface_ioctl(SIOCGIFMTU, &request) != 0)
        return error_set(error, "%s: %s", name, strerror(errno));
    return set_mtu(device, name, request.ifr_mtu, error);
}

/* The interface's frames have headers: sets what it does with them. */
static int set_offload(struct device *device, const char *name, struct error *error)
{
    int header_size = sizeof(struct solo5_net_hdr);

    if (ioctl(device->fd, TUNSETVNETHDRSZ, &header_size) != 0)
        return error_set(error, "%s: cannot set the size of headers: %s", name, strerror(errno));
    for (size_t i = 0; i < sizeof offloads / sizeof offloads[0]; i++) {
        if (ioctl(device->fd, TUNSETOFFLOAD, (unsigned long)offloads[i].tun) != 0)
            continue;
        device->offload = offloads[i].offload;
        return 0;
    }
    return error_set(error, "%s: cannot set its offload: %s", name, strerror(errno));
}

static int explain_tap(const char *name, int why, struct error *error)
{
    switch (why) {
    case EBUSY:
        return error_set(error, "%s: in use by another process; give each guest a tap of its own",
                         name);
    case EPERM:
        return error_set(error,
                         "%s: not yours to use; create it as root with: ip tuntap add %s mode tap "
                         "user $USER",
                         name, name);
    case EINVAL:
        return error_set(error,
                         "%s: not a tap interface, or one with several queues; create "
                         "another with: ip tuntap add tap0 mode tap",
                         name);
    default:
        return error_set(error, "%s: %s", name, strerror(why));
    }
}

static int explain_tun(const char *name, const struct tender *tender, int why, struct error *error)
{
    const char *hint = "";

    if (why == ENOENT || why == ENODEV || why == ENXIO)
        hint = "; load it with: modprobe tun";
    else if (why == EACCES || why == EPERM)
        hint = tender->has_user_network
                   ? "; allow it, as root, with: chmod 666 /dev/net/tun, or do without a tap: "
                     "--net:NAME=" TENDER_NET_USER
                   : "; allow it, as root, with: chmod 666 /dev/net/tun, or do without a tap: see "
                     "solo5-usernet --help";
    return error_set(error, "%s: /dev/net/tun: %s%s", name, strerror(why), hint);
}

/* Linux, dev_valid_name, and nothing that cannot be seen; what follows a colon is an alias's
 * number, and would be ignored. */
int net_check_name(const char *name, struct error *error)
{
    if (strlen(name) >= IFNAMSIZ)
        return error_set(error, "%s: an interface's name has at most %d characters", name,
                         IFNAMSIZ - 1);
    if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return error_set(error, "%s: no interface has that name", name);
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '/' || *c == ':')
            return error_set(error, "%s: an interface's name has no %c", name, *c);
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return error_set(error, "%s: an interface's name has no spaces or control characters",
                             name);
    }
    return 0;
}

static int attach_tap(struct device *device, const struct tender *tender, const char *name,
                      bool can_offload, struct error *error)
{
    struct ifreq request;
    int failed = 0;

    if (net_check_name(name, error) != 0)
        return -1;
    /* First, because TUNSETIFF creates what is not there when it may. */
    if (check_exists(name, tender, error) != 0)
        return -1;
    device->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device->fd < 0)
        return explain_tun(name, tender, errno, error);
    name_interface(&request, name);
    request.ifr_flags = (short)(can_offload ? TAP_FLAGS | IFF_VNET_HDR : TAP_FLAGS);
    if (ioctl(device->fd, TUNSETIFF, &request) != 0)
        failed = explain_tap(name, errno, error);
    else if (can_offload)
        failed = set_offload(device, name, error);
    else
        /* A tap that stays keeps what a guest before this one could take. */
        ioctl(device->fd, TUNSETOFFLOAD, 0UL);
    /* Last, since advice about an interface that is no tap would lead nowhere. */
    if (!failed)
        failed = check_interface(device, name, error);
    if (failed)
        close(device->fd);
    return failed;
}

/* The descriptor is a tap's or macvtap's, whose flags and name TUNGETIFF has given. */
static int adopt_tap(struct device *device, struct ifreq *request, bool can_offload,
                     struct error *error)
{
    char name[IFNAMSIZ];
    bool offload = can_offload && (request->ifr_flags & IFF_VNET_HDR);

    memcpy(name, request->ifr_name, sizeof name);
    name[sizeof name - 1] = '\0';
    /* A macvtap is opened with this flag set, and takes another setting. */
    if ((request->ifr_flags & IFF_VNET_HDR) && !offload) {
        request->ifr_flags = TAP_FLAGS;
        if (ioctl(device->fd, TUNSETIFF, request) != 0)
            return error_set(error, "%s was opened with IFF_VNET_HDR; open it without", name);
        if (ioctl(device->fd, TUNGETIFF, request) != 0)
            return error_set(error, "%s: %s", name, strerror(errno));
    }
    if ((request->ifr_flags & (TAP_FLAGS | IFF_VNET_HDR)) !=
        (offload ? TAP_FLAGS | IFF_VNET_HDR : TAP_FLAGS))
        return error_set(error, "%s was not opened with IFF_TAP and IFF_NO_PI alone", name);
    if (offload && set_offload(device, name, error) != 0)
        return -1;
    /* In another network namespace it cannot be asked. */
    if (interface_ioctl(SIOCGIFMTU, request) == 0)
        return set_mtu(device, name, request->ifr_mtu, error);
    device->mtu = MTU_DEFAULT;
    return 0;
}

static int adopt_socket(struct device *device, struct error *error)
{
    int type;
    socklen_t len = sizeof type;

    if (getsockopt(device->fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
        return error_set(error, "is neither a tap nor a socket");
    /* A stream does not keep frames apart; what has a connection is ready for ever when it ends. */
    if (type != SOCK_DGRAM)
        return error_set(error, "is a socket of another type than SOCK_DGRAM; give a datagram "
                                "socket");
    device->mtu = MTU_DEFAULT;
    return 0;
}

int net_descriptor(const char *value, int *fd, struct error *error)
{
    uint64_t number;

    if (parse_u64(value + 1, 3, INT32_MAX, &number) != 0)
        return error_set(error, "%s: must be @ and the number of an open descriptor, 3 or greater",
                         value);
    *fd = (int)number;
    if (fcntl(*fd, F_GETFD) < 0)
        return error_set(error, "%s: no such descriptor is open", value);
    return 0;
}

static int attach_fd(struct device *device, const char *value, bool can_offload,
                     struct error *error)
{
    struct ifreq request;
    int flags, failed;

    if (net_descriptor(value, &device->fd, error) != 0)
        return -1;
    flags = fcntl(device->fd, F_GETFL);
    if ((flags & O_ACCMODE) != O_RDWR)
        return error_set(error, "%s: not open for reading and writing", value);
    memset(&request, 0, sizeof request);
    if (ioctl(device->fd, TUNGETIFF, &request) == 0)
        failed = adopt_tap(device, &request, can_offload, error);
    else
        failed = adopt_socket(device, error);
    if (failed)
        return error_prefix(error, "%s", value);
    if (!(flags & O_NONBLOCK) && fcntl(device->fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return error_set(error, "%s: %s", value, strerror(errno));
    return 0;
}

int net_attach(struct device *device, const struct tender *tender, const char *value,
               bool can_offload, struct error *error)
{
    device->offload = 0;
    return value[0] == '@' ? attach_fd(device, value, can_offload, error)
                           : attach_tap(device, tender, value, can_offload, error);
}

/* Six bytes, XX:XX:XX:XX:XX:XX and nothing more. */
static int parse_mac(uint8_t mac[6], const char *text)
{
    for (unsigned i = 0; i < 6; i++, text += 3) {
        uint64_t byte;

        if (parse_hex(text, 2, &byte) != 2 || text[2] != (i < 5 ? ':' : '\0'))
            return -1;
        mac[i] = (uint8_t)byte;
    }
    return 0;
}

int net_set_mac(struct device *device, const char *value, struct error *error)
{
    static const uint8_t zero[6];

    if (value == NULL) {
        if (getrandom(device->mac, sizeof device->mac, 0) != sizeof device->mac)
            return error_set(error, "no random address: %s", strerror(errno));
        /* IEEE 802, 8.4: locally administered, not a group. */
        device->mac[0] = (uint8_t)((device->mac[0] | 2) & ~1);
        return 0;
    }
    if (parse_mac(device->mac, value) != 0)
        return error_set(error, "%s: must be an address such as 02:00:00:00:00:01", value);
    if (device->mac[0] & 1)
        return error_set(error,
                         "%s: a multicast address cannot be an interface's; make the first "
                         "byte even",
                         value);
    if (memcmp(device->mac, zero, sizeof zero) == 0)
        return error_set(error, "%s: no interface can have the zero address", value);
    return 0;
}
