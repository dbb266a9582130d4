/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * filter-gen TARGET [sanitized]: writes a header with the constant part of the seccomp filter of
 * the hvt or spt tender, as libseccomp compiles it, so that a tender does not pay for that at its
 * start. In a build with sanitizers their run-time library is allowed what it needs. Runs during
 * the build.
 */
#include <linux/kvm.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"

#define ARCH_SET_FS 0x1002 /* asm/prctl.h */

enum target { HVT = 1, SPT = 2, SANITIZED = 4 };

/* A call that is allowed when argument `arg` is `value`, and `arg2` is `value2`; -1: any. */
static const struct rule {
    unsigned targets; /* of enum target */
    int nr;
    int arg;
    uint64_t value;
    int arg2;
    uint64_t value2;
} rules[] = {
    /* The virtual processor: entering it, and where it is, for messages. */
    {HVT, SCMP_SYS(ioctl), 0, FILTER_PLACEHOLDER(FILTER_FD_VCPU), 1, KVM_RUN},
    {HVT, SCMP_SYS(ioctl), 0, FILTER_PLACEHOLDER(FILTER_FD_VCPU), 1, KVM_GET_REGS},
    /* Waiting. */
    {HVT, SCMP_SYS(ppoll), -1, 0, -1, 0},
    /* Without a signal mask, by which a guest could make itself deaf. */
    {SPT, SCMP_SYS(epoll_pwait), 0, FILTER_PLACEHOLDER(FILTER_FD_POLL), 4, 0},
    {SPT, SCMP_SYS(epoll_ctl), 0, FILTER_PLACEHOLDER(FILTER_FD_POLL), 1, EPOLL_CTL_DEL},
    {SPT, SCMP_SYS(timerfd_settime), 0, FILTER_PLACEHOLDER(FILTER_FD_TIMER), -1, 0},
    /* Console and clocks. */
    {HVT | SPT, SCMP_SYS(write), 0, STDOUT_FILENO, -1, 0},
    {HVT | SPT, SCMP_SYS(clock_gettime), 0, CLOCK_MONOTONIC, -1, 0},
    {HVT | SPT, SCMP_SYS(clock_gettime), 0, CLOCK_REALTIME, -1, 0},
    /* Thread-local storage, which hvt guests set by an instruction. */
    {SPT, SCMP_SYS(arch_prctl), 0, ARCH_SET_FS, -1, 0},
    /* The end, and what the tender says of it. */
    {HVT | SPT, SCMP_SYS(exit_group), -1, 0, -1, 0},
    {HVT | SANITIZED, SCMP_SYS(write), 0, STDERR_FILENO, -1, 0},
    {SANITIZED, SCMP_SYS(sigaltstack), -1, 0, -1, 0},
    {SANITIZED, SCMP_SYS(mmap), -1, 0, -1, 0},
    {SANITIZED, SCMP_SYS(munmap), -1, 0, -1, 0},
    {SANITIZED, SCMP_SYS(madvise), -1, 0, -1, 0},
    {SANITIZED, SCMP_SYS(getpid), -1, 0, -1, 0},
};

static int add_rule(scmp_filter_ctx context, const struct rule *rule)
{
    struct scmp_arg_cmp compare[2];
    unsigned count = 0;

    if (rule->arg >= 0)
        compare[count++] = SCMP_CMP((unsigned)rule->arg, SCMP_CMP_EQ, rule->value);
    if (rule->arg2 >= 0)
        compare[count++] = SCMP_CMP((unsigned)rule->arg2, SCMP_CMP_EQ, rule->value2);
    return seccomp_rule_add_array(context, SCMP_ACT_ALLOW, rule->nr, count, compare);
}

/* Compiles the rules of (targets) to (file). */
static int compile(unsigned targets, FILE *file)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (context == NULL)
        return -1;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if ((rules[i].targets & targets) && add_rule(context, &rules[i]) != 0)
            return -1;
    if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0)
        return -1;
    /* As a search tree: seccomp(2) runs the filter for every call that there is. */
    if (seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0)
        return -1;
    if (seccomp_export_bpf(context, fileno(file)) != 0)
        return -1;
    seccomp_release(context);
    rewind(file);
    return 0;
}

static void print_header(const struct sock_filter *code, size_t len)
{
    printf("/* Made by filter-gen with libseccomp. */\n"
           "static const struct sock_filter filter_code[] = {\n");
    for (size_t i = 0; i < len; i++)
        printf("    {0x%02x, %u, %u, 0x%08x},\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
    printf("};\nstatic const struct filter_slot filter_slots[] = {\n");
    for (size_t i = 0; i < len; i++)
        for (int fd = 0; fd < FILTER_FD_COUNT; fd++)
            if (code[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
                code[i].k == (uint32_t)FILTER_PLACEHOLDER(fd))
                printf("    {%zu, %d},\n", i, fd);
    printf("};\n");
}

/* The target that the first argument names, with what the second adds; 0: neither. */
static unsigned parse(int argc, char **argv)
{
    unsigned sanitized = argc == 3 && strcmp(argv[2], "sanitized") == 0 ? SANITIZED : 0;

    if (argc != 2 && !sanitized)
        return 0;
    if (strcmp(argv[1], "hvt") == 0)
        return HVT | sanitized;
    return strcmp(argv[1], "spt") == 0 ? SPT | sanitized : 0;
}

/* Prints the header for (targets). */
static int generate(unsigned targets)
{
    static struct sock_filter code[FILTER_MAX];
    FILE *file = tmpfile();
    size_t len = 0;

    if (file == NULL)
        return -1;
    if (compile(targets, file) == 0)
        len = fread(code, sizeof code[0], FILTER_MAX, file);
    fclose(file);
    if (len == 0)
        return -1;
    print_header(code, len);
    return fflush(stdout);
}

int main(int argc, char **argv)
{
    unsigned targets = parse(argc, argv);

    if (targets == 0) {
        fprintf(stderr, "usage: filter-gen hvt|spt [sanitized]\n");
        return 1;
    }
    if (generate(targets) != 0) {
        fprintf(stderr, "filter-gen: libseccomp cannot compile the filter\n");
        return 1;
    }
    return 0;
}
