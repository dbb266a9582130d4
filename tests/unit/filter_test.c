/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The seccomp filters of the tenders (tenders/common/filter.c with the constant parts that
 * filter-gen makes), run by an interpreter: what they allow, and one step beyond on every side.
 */
#include <linux/audit.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "filter.h"
#include "machine.h"
#include "unit.h"

#define POLL_FD  3
#define TIMER_FD 4
#define VCPU_FD  5
#define NET_FD   10
#define DISK_FD  11
#define BIG_FD   12
#define TINY_FD  13
#define TAP_FD   14 /* whose frames have headers */
#define RING_FD  15

#define MB       UINT64_C(0x100000)
#define HEAP     UINT64_C(0x123000)
#define END      (UINT64_C(0x700000000) + 16 * MB)
#define UNMAP    UINT64_C(0x7ffd12345000)
#define CAPACITY (UINT64_C(3) * MB)
#define BIG      (UINT64_C(0x500000000) + 8 * MB) /* more than 32 bits */

#define ALLOWED 1
#define KILLED  0

static const struct devices devices = {
    .count = 6,
    .device =
        {[1] = {.type = MFT_DEV_NET_BASIC, .fd = NET_FD},
         [2] =
             {.type = MFT_DEV_BLOCK_BASIC, .fd = DISK_FD, .block_size = 512, .capacity = CAPACITY},
         [3] = {.type = MFT_DEV_BLOCK_BASIC, .fd = BIG_FD, .block_size = 4096, .capacity = BIG},
         [4] = {.type = MFT_DEV_BLOCK_BASIC, .fd = TINY_FD, .block_size = 512, .capacity = 512},
         [5] = {.type = MFT_DEV_NET_BASIC, .fd = TAP_FD, .offload = 1}},
};

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t value;

    ck_assert_uint_le(offset, sizeof *data - sizeof value);
    ck_assert_uint_eq(offset % 4, 0);
    memcpy(&value, (const char *)data + offset, sizeof value);
    return value;
}

static bool jump_taken(const struct sock_filter *op, uint32_t a)
{
    switch (BPF_OP(op->code)) {
    case BPF_JEQ:
        return a == op->k;
    case BPF_JGT:
        return a > op->k;
    case BPF_JGE:
        return a >= op->k;
    case BPF_JSET:
        return a & op->k;
    }
    ck_abort_msg("jump %x", op->code);
}

static uint32_t calculate(const struct sock_filter *op, uint32_t a, uint32_t x)
{
    uint32_t other = BPF_SRC(op->code) == BPF_X ? x : op->k;

    switch (BPF_OP(op->code)) {
    case BPF_ADD:
        return a + other;
    case BPF_OR:
        return a | other;
    case BPF_LSH:
        return a << other;
    case BPF_RSH:
        return a >> other;
    }
    ck_abort_msg("calculation %x", op->code);
}

/* Documentation/networking/filter.rst of Linux; the instructions that filters use. */
static uint32_t run(const struct filter *filter, const struct seccomp_data *data)
{
    uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {0};

    for (unsigned pc = 0;;) {
        const struct sock_filter *op = &filter->code[pc++];

        ck_assert_uint_le(pc, filter->len);
        switch (BPF_CLASS(op->code)) {
        case BPF_LD:
            ck_assert_uint_eq(op->code, BPF_LD | BPF_W | BPF_ABS);
            a = load(data, op->k);
            break;
        case BPF_LDX:
            ck_assert_uint_eq(op->code, BPF_LDX | BPF_MEM);
            x = memory[op->k];
            break;
        case BPF_ST:
            memory[op->k] = a;
            break;
        case BPF_MISC:
            ck_assert_uint_eq(op->code, BPF_MISC | BPF_TAX);
            x = a;
            break;
        case BPF_ALU:
            a = calculate(op, a, x);
            break;
        case BPF_JMP:
            if (BPF_OP(op->code) == BPF_JA)
                pc += op->k;
            else
                pc += jump_taken(op, a) ? op->jt : op->jf;
            break;
        case BPF_RET:
            return op->k;
        default:
            ck_abort_msg("instruction %x", op->code);
        }
    }
}

struct request {
    uint64_t nr;
    uint64_t args[6];
    int plain, multi; /* whether it is allowed without and with extensions */
};

static void check(const struct filter *filter, const struct request *request, int expected)
{
    struct seccomp_data data = {.nr = (int)request->nr, .arch = MACHINE_AUDIT};
    uint32_t verdict;

    for (unsigned i = 0; i < 6; i++)
        data.args[i] = request->args[i];
    verdict = run(filter, &data);
    ck_assert_msg(verdict == (expected ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS),
                  "call %u (%llx, %llx, %llx, %llx): %x", (unsigned)request->nr,
                  (unsigned long long)data.args[0], (unsigned long long)data.args[1],
                  (unsigned long long)data.args[2], (unsigned long long)data.args[3], verdict);
    /* Another architecture's calls have other numbers. */
    data.arch = AUDIT_ARCH_I386;
    ck_assert_uint_eq(run(filter, &data), SECCOMP_RET_KILL_PROCESS);
    data.arch = MACHINE_AUDIT;
    data.nr |= 0x40000000;
    ck_assert_uint_eq(run(filter, &data), SECCOMP_RET_KILL_PROCESS);
}

#define DISK(nr, fd, len, off, plain, multi)      \
    {                                             \
        nr, {fd, 0x12345, len, off}, plain, multi \
    }

static const struct request device_requests[] = {
    {SYS_read, {NET_FD, 1, 1514}, 1, 1},
    {SYS_write, {NET_FD, 1, 60}, 1, 1},
    {SYS_read, {DISK_FD, 1, 512}, 0, 0},
    {SYS_write, {DISK_FD, 1, 512}, 0, 0},
    {SYS_read, {0, 1, 1}, 0, 0},
    {SYS_pread64, {NET_FD, 1, 512, 0}, 0, 0},
    {SYS_pread64, {POLL_FD, 1, 512, 0}, 0, 0},
    {SYS_readv, {NET_FD, 1, 1}, 0, 0},
    {SYS_writev, {NET_FD, 1, 1}, 0, 0},
    {SYS_readv, {TAP_FD, 1, 65}, 1, 1},
    {SYS_writev, {TAP_FD, 1, 65}, 1, 1},
    {SYS_read, {TAP_FD, 1, 1514}, 0, 0},
    {SYS_write, {TAP_FD, 1, 60}, 0, 0},
    {SYS_pread64, {TAP_FD, 1, 512, 0}, 0, 0},
    {SYS_preadv, {TAP_FD, 1, 1}, 0, 0},
    {SYS_pwritev2, {TAP_FD, 1, 1}, 0, 0},
    {SYS_readv, {DISK_FD, 1, 1}, 0, 0},
    {SYS_writev, {DISK_FD, 1, 1}, 0, 0},
    {SYS_writev, {1, 1, 1}, 0, 0},
    {SYS_readv, {0, 1, 1}, 0, 0},
    {SYS_preadv, {DISK_FD, 1, 1}, 0, 0},
    /* One block, first, last, one byte after. */
    DISK(SYS_pread64, DISK_FD, 512, 0, 1, 1),
    DISK(SYS_pwrite64, DISK_FD, 512, 0, 1, 1),
    DISK(SYS_pread64, DISK_FD, 512, CAPACITY - 512, 1, 1),
    DISK(SYS_pread64, DISK_FD, 512, CAPACITY - 511, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, 512, CAPACITY, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, 512, UINT64_MAX, 0, 0),
    DISK(SYS_pread64, DISK_FD, 512, UINT64_C(1) << 32, 0, 0),
    /* Other lengths. */
    DISK(SYS_pread64, DISK_FD, 0, 0, 0, 1),
    DISK(SYS_pread64, DISK_FD, 511, 0, 0, 1),
    DISK(SYS_pwrite64, DISK_FD, 1024, 0, 0, 1),
    DISK(SYS_pwrite64, DISK_FD, MB, 0, 0, 1),
    DISK(SYS_pwrite64, DISK_FD, MB, CAPACITY - MB, 0, 1),
    DISK(SYS_pwrite64, DISK_FD, MB, CAPACITY - MB + 1, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, 1024, CAPACITY - MB + 1, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, MB + 1, 0, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, UINT64_MAX, 0, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, (UINT64_C(1) << 32) + 512, 0, 0, 0),
    DISK(SYS_pwrite64, DISK_FD, (UINT64_C(1) << 32) + 1024, 0, 0, 0),
    /* A disk of more than 4 GiB. */
    DISK(SYS_pread64, BIG_FD, 4096, BIG - 4096, 1, 1),
    DISK(SYS_pread64, BIG_FD, 4096, BIG - 4095, 0, 0),
    DISK(SYS_pread64, BIG_FD, 4096, 0xffffffff, 1, 1),
    DISK(SYS_pread64, BIG_FD, 4096, UINT64_C(0x4ffffffff), 1, 1),
    DISK(SYS_pread64, BIG_FD, 4096, UINT64_C(0x600000000), 0, 0),
    DISK(SYS_pread64, BIG_FD, 512, 0, 0, 1),
    DISK(SYS_pread64, BIG_FD, MB, BIG - MB, 0, 1),
    DISK(SYS_pread64, BIG_FD, MB, BIG - MB + 1, 0, 0),
    DISK(SYS_pread64, BIG_FD, MB, UINT64_C(0x4ffffffff), 0, 1),
    DISK(SYS_pread64, BIG_FD, MB, UINT64_C(0x600000000), 0, 0),
    /* A disk of one block. */
    DISK(SYS_pwrite64, TINY_FD, 512, 0, 1, 1),
    DISK(SYS_pwrite64, TINY_FD, 512, 1, 0, 0),
    DISK(SYS_pwrite64, TINY_FD, 1024, 0, 0, 0),
    /* Guard pages: first, last, all; beside these on every side. */
    {SYS_mprotect, {HEAP, 4096, PROT_NONE}, 0, 1},
    {SYS_mprotect, {END - 4096, 4096, PROT_NONE}, 0, 1},
    {SYS_mprotect, {HEAP, END - HEAP, PROT_NONE}, 0, 1},
    {SYS_mprotect, {HEAP, 0, PROT_NONE}, 0, 1},
    {SYS_mprotect, {END, 0, PROT_NONE}, 0, 1},
    {SYS_mprotect, {HEAP, 4096, PROT_READ}, 0, 0},
    {SYS_mprotect, {HEAP, 4096, UINT64_C(1) << 32}, 0, 0},
    {SYS_mprotect, {HEAP - 1, 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP - 4096, 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {0, END, PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP, 4095, PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP, END - HEAP + 1, PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP, END - HEAP + 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {END - 4096, 8192, PROT_NONE}, 0, 0},
    {SYS_mprotect, {END, 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {UINT64_C(0x7f0000000000), 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {UINT64_C(0x7ff00000000), 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP, UINT64_C(0x7fffffff000), PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP, UINT64_C(0x80000000000), PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP, 0 - HEAP, PROT_NONE}, 0, 0},
    {SYS_mprotect, {0 - UINT64_C(4096), 4096, PROT_NONE}, 0, 0},
    {SYS_mprotect, {HEAP + (UINT64_C(1) << 63), 4096, PROT_NONE}, 0, 0},
    /* What the tender itself takes away. */
    {SYS_munmap, {UNMAP, 0x5000}, 1, 1},
    {SYS_munmap, {UNMAP, 0x4000}, 0, 0},
    {SYS_munmap, {UNMAP, UINT64_C(0x100005000)}, 0, 0},
    {SYS_munmap, {UNMAP + 0x1000, 0x5000}, 0, 0},
    {SYS_munmap, {UNMAP + (UINT64_C(1) << 32), 0x5000}, 0, 0},
    {SYS_clock_gettime, {CLOCK_REALTIME}, 1, 1},
    {SYS_clock_gettime, {CLOCK_MONOTONIC}, 1, 1},
    {SYS_clock_gettime, {CLOCK_BOOTTIME}, 0, 0},
    {SYS_exit_group, {0}, 1, 1},
    {SYS_write, {1, 1, 1}, 1, 1},
    {SYS_write, {0, 1, 1}, 0, 0},
};

static const int fds[FILTER_FD_COUNT] = {
    [FILTER_FD_POLL] = POLL_FD, [FILTER_FD_TIMER] = TIMER_FD, [FILTER_FD_VCPU] = VCPU_FD};

#define END_FILTER(filter, name) \
    filter_end(filter, name##_code, COUNT(name##_code), name##_slots, COUNT(name##_slots), fds)

#define filter_code  spt_code
#define filter_slots spt_slots
#include "spt/filter_code.h"
#undef filter_code
#undef filter_slots
#define filter_code  hvt_code
#define filter_slots hvt_slots
#include "hvt/filter_code.h"
#undef filter_code
#undef filter_slots

static void make_spt(struct filter *filter, bool multi)
{
    filter_begin(filter);
    filter_add_devices(filter, &devices, multi);
    if (multi)
        filter_add_guard(filter, HEAP, END);
    filter_add_unmap(filter, UNMAP, 0x5000);
    END_FILTER(filter, spt);
}

START_TEST(requests)
{
    static struct filter filter;

    make_spt(&filter, false);
    check(&filter, &device_requests[_i], device_requests[_i].plain);
    make_spt(&filter, true);
    check(&filter, &device_requests[_i], device_requests[_i].multi);
}
END_TEST

/* The members plain and multi stand for a tender without a ring and one with one. */
static const struct request ring_requests[] = {
    {SYS_io_uring_enter, {RING_FD, 32, 0, 0, 0, 8}, 0, 1},
    {SYS_io_uring_enter, {RING_FD, 32, 1, 1, 0, 0}, 0, 1},
    {SYS_io_uring_enter, {RING_FD, UINT64_MAX, UINT64_MAX, 0, 0, UINT64_MAX}, 0, 1},
    {SYS_io_uring_enter, {RING_FD, 0, 0, 2, 0, 0}, 0, 0},
    {SYS_io_uring_enter, {RING_FD, 0, 0, 9, 0, 0}, 0, 0},
    {SYS_io_uring_enter, {RING_FD, 0, 0, 16, 0, 0}, 0, 0},
    {SYS_io_uring_enter, {RING_FD, 0, 0, 0, 1, 0}, 0, 0},
    {SYS_io_uring_enter, {RING_FD, 0, 0, 0, UINT64_C(1) << 32, 0}, 0, 0},
    {SYS_io_uring_enter, {DISK_FD, 0, 0, 0, 0, 0}, 0, 0},
    {SYS_io_uring_enter, {UINT64_MAX, 0, 0, 0, 0, 0}, 0, 0},
    {SYS_io_uring_setup, {1}, 0, 0},
    {SYS_io_uring_register, {RING_FD}, 0, 0},
    {SYS_fdatasync, {DISK_FD}, 1, 1},
    {SYS_fdatasync, {TINY_FD}, 1, 1},
    {SYS_fdatasync, {NET_FD}, 0, 0},
    {SYS_fdatasync, {1}, 0, 0},
    {SYS_fsync, {DISK_FD}, 0, 0},
    {SYS_fallocate, {BIG_FD, 3, 0, 4096}, 1, 1},
    {SYS_fallocate, {DISK_FD, 3, CAPACITY, UINT64_MAX}, 1, 1},
    {SYS_fallocate, {DISK_FD, 0, 0, 4096}, 0, 0},
    {SYS_fallocate, {DISK_FD, 1, 0, 4096}, 0, 0},
    {SYS_fallocate, {DISK_FD, 0x11, 0, 4096}, 0, 0},
    {SYS_fallocate, {RING_FD, 3, 0, 4096}, 0, 0},
    {SYS_read, {NET_FD, 1, 1514}, 1, 1},
    {SYS_pread64, {DISK_FD, 1, 512, 0}, 1, 1},
    {SYS_pread64, {RING_FD, 1, 512, 0}, 0, 0},
    {SYS_exit_group, {0}, 1, 1},
};

START_TEST(ring)
{
    static struct filter filter;

    for (int with = 0; with < 2; with++) {
        filter_begin(&filter);
        if (with)
            filter_add_uring(&filter, RING_FD);
        filter_add_sync(&filter, &devices);
        filter_add_devices(&filter, &devices, true);
        END_FILTER(&filter, spt);
        check(&filter, &ring_requests[_i],
              with ? ring_requests[_i].multi : ring_requests[_i].plain);
    }
}
END_TEST

/* The members plain and multi stand for spt and hvt. */
static const struct request constant_requests[] = {
    {SYS_epoll_pwait, {POLL_FD, 1, 1, 1, 0, 8}, 1, 0},
    {SYS_epoll_pwait, {POLL_FD, 1, 1, 1, 1, 8}, 0, 0},
    {SYS_epoll_pwait, {POLL_FD, 1, 1, 1, UINT64_C(1) << 32, 8}, 0, 0},
    {SYS_epoll_pwait, {POLL_FD + 1}, 0, 0},
    {SYS_epoll_pwait, {1}, 0, 0},
    {SYS_epoll_ctl, {POLL_FD, EPOLL_CTL_DEL, 7}, 1, 0},
    {SYS_epoll_ctl, {POLL_FD, EPOLL_CTL_ADD, 7}, 0, 0},
    {SYS_epoll_ctl, {POLL_FD, EPOLL_CTL_MOD, 7}, 0, 0},
    {SYS_epoll_ctl, {POLL_FD + 1, EPOLL_CTL_DEL, 7}, 0, 0},
    {SYS_timerfd_settime, {TIMER_FD}, 1, 0},
    {SYS_timerfd_settime, {POLL_FD}, 0, 0},
    {SYS_arch_prctl, {0x1002}, 1, 0},
    {SYS_arch_prctl, {0x1001}, 0, 0},
    {SYS_write, {1}, 1, 1},
    {SYS_write, {2}, 0, 1},
    {SYS_ioctl, {VCPU_FD, KVM_RUN}, 0, 1},
    {SYS_ioctl, {VCPU_FD, KVM_GET_REGS}, 0, 1},
    {SYS_ioctl, {VCPU_FD, KVM_SET_REGS}, 0, 0},
    {SYS_ioctl, {VCPU_FD + 1, KVM_RUN}, 0, 0},
    {SYS_ppoll, {0, 0}, 0, 1},
    {SYS_exit_group, {7}, 1, 1},
    {SYS_exit, {7}, 0, 0},
    {SYS_mmap, {0}, 0, 0},
    {SYS_mprotect, {0x1000, 0x1000, 0}, 0, 0},
    {SYS_open, {0}, 0, 0},
    {SYS_openat, {0}, 0, 0},
    {SYS_execve, {0}, 0, 0},
    {SYS_clone, {0}, 0, 0},
    {SYS_fork, {0}, 0, 0},
    {SYS_ptrace, {0}, 0, 0},
    {SYS_kill, {0}, 0, 0},
    {SYS_socket, {0}, 0, 0},
    {SYS_rt_sigreturn, {0}, 0, 0},
    {SYS_process_vm_writev, {0}, 0, 0},
    {SYS_io_uring_setup, {0}, 0, 0},
    {0xffffffff, {0}, 0, 0},
};

START_TEST(constant)
{
    static struct filter filter;

    filter_begin(&filter);
    END_FILTER(&filter, spt);
    check(&filter, &constant_requests[_i], constant_requests[_i].plain);
    filter_begin(&filter);
    END_FILTER(&filter, hvt);
    check(&filter, &constant_requests[_i], constant_requests[_i].multi);
}
END_TEST

/* No call that is not named above: all numbers, with all arguments 0 or all ones. */
START_TEST(every_call)
{
    static struct filter filter;
    static const uint64_t values[] = {0, UINT64_MAX};

    make_spt(&filter, true);
    for (int nr = 0; nr < 1024; nr++) {
        for (unsigned v = 0; v < COUNT(values); v++) {
            struct seccomp_data data = {.nr = nr, .arch = MACHINE_AUDIT};
            bool fine = nr == SYS_exit_group || (v == 0 && nr == SYS_clock_gettime);

            for (unsigned i = 0; i < 6; i++)
                data.args[i] = values[v];
            ck_assert_uint_eq(run(&filter, &data),
                              fine ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
        }
    }
}
END_TEST

/* The largest filter that there can be. */
START_TEST(all_disks)
{
    static struct filter filter;
    static struct devices many = {.count = MFT_MAX_ENTRIES};
    struct request last = DISK(SYS_pread64, 1062, 512, 0, 0, 1);

    for (int i = 1; i < MFT_MAX_ENTRIES; i++)
        many.device[i] = (struct device){
            .type = MFT_DEV_BLOCK_BASIC, .fd = 1000 + i, .block_size = 512, .capacity = CAPACITY};
    filter_begin(&filter);
    filter_add_uring(&filter, RING_FD);
    filter_add_sync(&filter, &many);
    filter_add_devices(&filter, &many, true);
    END_FILTER(&filter, spt);
    ck_assert_uint_le(filter.len, BPF_MAXINSNS);
    check(&filter, &last, 1);
    last.args[0] = 1064;
    check(&filter, &last, 0);
}
END_TEST

START_TEST(one_descriptor)
{
    static struct filter filter;
    struct request request = DISK(SYS_pread64, 20, 8, 8, 0, 0);

    filter_begin(&filter);
    filter_add_fd(&filter, SYS_pread64, 20);
    END_FILTER(&filter, hvt);
    check(&filter, &request, 1);
    request.args[0] = 21;
    check(&filter, &request, 0);
    request = (struct request){SYS_read, {20, 0, 0}, 0, 0};
    check(&filter, &request, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("filter");
    TCase *tests = tcase_create("filter");

    tcase_add_loop_test(tests, requests, 0, COUNT(device_requests));
    tcase_add_loop_test(tests, ring, 0, COUNT(ring_requests));
    tcase_add_loop_test(tests, constant, 0, COUNT(constant_requests));
    tcase_add_test(tests, every_call);
    tcase_add_test(tests, all_disks);
    tcase_add_test(tests, one_descriptor);
    suite_add_tcase(suite, tests);
    return suite;
}
