/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Hosts with and without io_uring(7), and other calls that a tender can do without:
 *
 *   nouring probe             succeeds where there is one
 *   nouring CALL COMMAND...   runs the command where a filter refuses that system call with EPERM,
 *                             as containers do: io_uring_setup, io_uring_enter, clone, eventfd2,
 *                             landlock_create_ruleset; or that request of ioctl: KVM_IOEVENTFD,
 *                             KVM_IRQFD, VHOST_NET_SET_BACKEND; fallocate with EOPNOTSUPP, as
 *                             some file systems do
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <linux/vhost.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned number;
    unsigned request; /* 0: all */
    unsigned error;   /* 0: EPERM */
} calls[] = {{"io_uring_setup", SYS_io_uring_setup, 0, 0},
             {"io_uring_enter", SYS_io_uring_enter, 0, 0},
             {"clone", SYS_clone, 0, 0},
             {"eventfd2", SYS_eventfd2, 0, 0},
             {"fallocate", SYS_fallocate, 0, EOPNOTSUPP},
             {"landlock_create_ruleset", SYS_landlock_create_ruleset, 0, 0},
             {"KVM_IOEVENTFD", SYS_ioctl, KVM_IOEVENTFD, 0},
             {"KVM_IRQFD", SYS_ioctl, KVM_IRQFD, 0},
             {"VHOST_NET_SET_BACKEND", SYS_ioctl, VHOST_NET_SET_BACKEND, 0}};

int main(int argc, char **argv)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 3),
        /* Any request, unless the next becomes a JEQ. */
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    struct io_uring_params params = {.flags = IORING_SETUP_R_DISABLED};

    if (argc == 2 && strcmp(argv[1], "probe") == 0)
        return syscall(SYS_io_uring_setup, 1, &params) < 0;
    if (argc < 3) {
        fprintf(stderr, "usage: nouring probe | nouring CALL COMMAND...\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(argv[1], calls[i].name) == 0) {
            code[1].k = calls[i].number;
            code[3].k = calls[i].request;
            if (calls[i].error != 0)
                code[4].k = SECCOMP_RET_ERRNO | calls[i].error;
            if (calls[i].request != 0)
                code[3].code = BPF_JMP | BPF_JEQ | BPF_K;
        }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("nouring: seccomp");
        return 1;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}
