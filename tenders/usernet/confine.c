/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The rights that usernet keeps: see confine.h.
 *
 * libslirp is some ten thousand lines that read what a hostile guest writes. Whoever takes it over
 * finds a process that can move packets as an unprivileged user can, and nothing else: no new
 * program or process, no file but the host's resolver configuration to read and none to write, no
 * socket but TCP and UDP over IPv4, no capability even when started by root.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

#define LANDLOCK_FILES ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1) /* its first version's rights */

static const char resolv_conf[] = "/etc/resolv.conf";

/* Calls that are allowed whatever their arguments, and why. */
static const int plain_calls[] = {
    /* the loop, and libslirp's clocks where the vDSO does not serve */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn),
    /* frames, forwarded data, messages, the capture, signals */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(close),
    /* connections that come in by a forward */
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    /* memory, whose protection is checked below */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    /* the tender's end, and our own by abort() */
    SCMP_SYS(wait4),
    SCMP_SYS(getpgid),
    SCMP_SYS(getpgrp),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static int allow(scmp_filter_ctx filter, int call)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

static int allow_if(scmp_filter_ctx filter, int call, unsigned count, struct scmp_arg_cmp first,
                    struct scmp_arg_cmp second)
{
    const struct scmp_arg_cmp conditions[2] = {first, second};

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, conditions);
}

static int allow_if1(scmp_filter_ctx filter, int call, struct scmp_arg_cmp condition)
{
    return allow_if(filter, call, 1, condition, condition);
}

static int allow_checked(scmp_filter_ctx filter)
{
    pid_t self = getpid();
    int error = 0;

    /* data is never executed */
    error |= allow_if1(filter, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    error |= allow_if1(filter, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* libslirp makes sockets non-blocking; the loop looks whether a descriptor is in use */
    error |= allow_if1(filter, SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, F_GETFL));
    error |= allow_if1(filter, SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, F_SETFL));
    error |= allow_if1(filter, SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_EQ, F_GETFD));
    /* libslirp asks how long a datagram is */
    error |= allow_if1(filter, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, FIONREAD));
    /* abort() */
    error |= allow_if1(filter, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)self));
    return error;
}

/* What depends on the options. */
static int allow_needed(scmp_filter_ctx filter, const struct confine_needs *needs)
{
    const int kinds[] = {SOCK_STREAM, SOCK_DGRAM};
    int error = 0;

    error |= allow_if1(filter, SCMP_SYS(kill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)needs->tender));
    if (needs->opens_outside) {
        error |= allow(filter, SCMP_SYS(connect));
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            error |= allow_if(filter, SCMP_SYS(socket), 2, SCMP_A0(SCMP_CMP_EQ, AF_INET),
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, (scmp_datum_t)kinds[i]));
    }
    if (needs->reads_resolv) {
        const uint64_t changes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;

        error |= allow_if1(filter, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, changes, 0));
        error |= allow_if1(filter, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, changes, 0));
        error |= allow(filter, SCMP_SYS(newfstatat));
        error |= allow(filter, SCMP_SYS(stat));
        error |= allow(filter, SCMP_SYS(fstat));
        error |= allow(filter, SCMP_SYS(lseek));
    }
    if (needs->captures)
        error |= allow(filter, SCMP_SYS(ftruncate));
    return error;
}

/* What is not allowed fails with EPERM: libslirp reports that to the guest as a network error. */
static int filter_calls(const struct confine_needs *needs)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int error = 0;

    if (filter == NULL) {
        errno = ENOMEM;
        return -1;
    }
    for (size_t i = 0; i < sizeof plain_calls / sizeof plain_calls[0]; i++)
        error |= allow(filter, plain_calls[i]);
    error |= allow_checked(filter);
    error |= allow_needed(filter, needs);
    /* The filter runs on every call: a search tree keeps that short. */
    error |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (error == 0)
        error = seccomp_load(filter);
    seccomp_release(filter);
    if (error != 0) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

/* Lets (path), a file or all files in a folder, be read. */
static int landlock_allow(int rules, const char *path)
{
    struct landlock_path_beneath_attr attr = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE};
    long result;

    attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (attr.parent_fd < 0)
        return -1;
    result = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
    close(attr.parent_fd);
    return result == 0 ? 0 : -1;
}

/* The resolver's configuration is replaced, not rewritten, when the host changes networks, so the
 * folders are allowed in which it lies. Root could read secrets in them: for root it is the file
 * alone, and usernet has to be started again after such a change.
 */
static int landlock_allow_resolv(int rules)
{
    char *target = realpath(resolv_conf, NULL);
    int result;

    if (target == NULL)
        return 0; /* there is none to read */
    if (geteuid() != 0) {
        *strrchr(target, '/') = '\0';
        result = landlock_allow(rules, "/etc");
        if (result != 0 || target[0] == '\0') {
            free(target);
            return result;
        }
    }
    result = landlock_allow(rules, target);
    free(target);
    return result;
}

/* No file system, but for the resolver's configuration. A kernel without Landlock, or a filter that
 * this was started behind, leaves it at what our filter of calls allows: reading what the user may
 * read. Of the second, which can be changed, the user is told.
 */
static int hide_files(const struct confine_needs *needs)
{
    const struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_FILES};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    int result = 0;

    if (rules < 0 && errno == EPERM)
        report("warning: sandbox: Landlock: %s; going on without", strerror(errno));
    if (rules < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : -1;
    if (needs->reads_resolv)
        result = landlock_allow_resolv(rules);
    if (result == 0)
        result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return result;
}

static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

    /* The bounding set only with the right to: without new privileges it changes nothing anyway. */
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
        (void)prctl(PR_CAPBSET_DROP, cap);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return (int)syscall(SYS_capset, &header, none);
}

static int set_limits(void)
{
    const struct rlimit none = {0};

    /* A core would hold what passed by. */
    return setrlimit(RLIMIT_NPROC, &none) == 0 && setrlimit(RLIMIT_CORE, &none) == 0 ? 0 : -1;
}

int confine_enter(const struct confine_needs *needs, const char **what)
{
    *what = "limits";
    if (set_limits() != 0)
        return -1;
    *what = "no new privileges";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    *what = "capabilities";
    if (drop_capabilities() != 0)
        return -1;
    *what = "Landlock";
    if (hide_files(needs) != 0)
        return -1;
    *what = "seccomp";
    return filter_calls(needs);
}
