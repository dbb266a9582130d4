/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * NET_READ of hvt on a network whose frames have headers: what cannot do without its header, or is
 * cut, does not come to the guest; what follows it does.
 */
#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "range.h"
#include "solo5_io.h"
#include "unit.h"
#include "vm.h"

#define MEM_SIZE UINT64_C(0x400000)
#define BLOCK    UINT64_C(0x200000)
#define DATA     UINT64_C(0x210000)
#define MTU      1500

static struct vm vm;
static int peer;

/* In the place of vm.c and rings.c. */
void guest_kill(struct vm *machine, const char *format, ...)
{
    (void)machine;
    ck_abort_msg("%s", format);
    _exit(1);
}

void vm_end(struct vm *machine, int status, uint64_t cookie)
{
    (void)machine, (void)status, (void)cookie;
    _exit(1);
}

void rings_woken(const struct vm *machine)
{
    (void)machine;
}

void rings_choose_tell(struct vm *machine)
{
    (void)machine;
}

int32_t rings_setup(struct vm *machine, const struct hvt_hc_ring_setup *setup)
{
    (void)machine, (void)setup;
    return 0;
}

static void setup(void)
{
    struct error error;
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
    peer = fds[1];
    vm = (struct vm){.rings.wake = -1};
    vm.devices.count = 2;
    vm.devices.device[1] = (struct device){
        .type = MFT_DEV_NET_BASIC, .fd = fds[0], .mtu = MTU, .offload = 1 << SOLO5_NET_CSUM_IN};
    ck_assert_int_eq(gmem_map(&vm.gmem, 0, MEM_SIZE, cpu_tables_size(MEM_SIZE), false, &error), 0);
}

static void arrive(struct solo5_net_hdr head, uint8_t byte, size_t len)
{
    uint8_t bytes[sizeof head + 4000];

    memcpy(bytes, &head, sizeof head);
    memset(bytes + sizeof head, byte, len);
    ck_assert_int_eq(send(peer, bytes, sizeof head + len, 0), (ssize_t)(sizeof head + len));
}

static struct hvt_hc_net net_read(void)
{
    struct hvt_hc_net call = {.handle = 1, .data = DATA, .len = MTU + SOLO5_NET_HLEN};

    gmem_write(&vm.gmem, BLOCK, &call, sizeof call);
    hypercall(&vm, HVT_HYPERCALL_NET_READ, BLOCK);
    ck_assert_int_eq(gmem_read(&vm.gmem, BLOCK, &call, sizeof call), 0);
    return call;
}

START_TEST(skips_what_needs_its_header)
{
    struct hvt_hc_net call;
    uint8_t bytes[61];

    arrive((struct solo5_net_hdr){.flags = SOLO5_NET_HDR_NEEDS_CSUM}, 0xc5, 60);
    arrive((struct solo5_net_hdr){.gso_type = SOLO5_NET_GSO_TCPV4, .gso_size = 1000}, 0xc5, 4000);
    arrive((struct solo5_net_hdr){.flags = SOLO5_NET_HDR_DATA_VALID}, 0x11, 60);
    ck_assert_int_eq(net_read().ret, SOLO5_R_AGAIN);
    ck_assert_int_eq(net_read().ret, SOLO5_R_AGAIN);
    call = net_read();
    ck_assert_int_eq(call.ret, SOLO5_R_OK);
    ck_assert_uint_eq(call.len, 60);
    ck_assert_int_eq(gmem_read(&vm.gmem, DATA, bytes, sizeof bytes), 0);
    ck_assert_uint_eq(bytes[0], 0x11);
    ck_assert_uint_eq(bytes[59], 0x11);
    ck_assert_int_eq(net_read().ret, SOLO5_R_AGAIN);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("hypercall");
    TCase *tcase = tcase_create("net_read");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, skips_what_needs_its_header);
    suite_add_tcase(suite, tcase);
    return suite;
}
