/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The system calls that a tender makes, as POSIX and the manual pages of Linux describe them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "syscall.h"

static long checked(long result)
{
    if (result >= 0 || result < -4095)
        return result;
    errno = (int)-result;
    return -1;
}

#define CALL6(nr, a, b, c, d, e, f) \
    checked(raw_syscall(SYS_##nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))
#define CALL5(nr, a, b, c, d, e) CALL6(nr, a, b, c, d, e, 0)
#define CALL4(nr, a, b, c, d)    CALL6(nr, a, b, c, d, 0, 0)
#define CALL3(nr, a, b, c)       CALL6(nr, a, b, c, 0, 0, 0)
#define CALL2(nr, a, b)          CALL6(nr, a, b, 0, 0, 0, 0)
#define CALL1(nr, a)             CALL6(nr, a, 0, 0, 0, 0, 0)

/* The third argument of a function that may have none. */
#define THIRD(last, type)                  \
    __extension__({                        \
        va_list list_;                     \
        va_start(list_, last);             \
        type third_ = va_arg(list_, type); \
        va_end(list_);                     \
        third_;                            \
    })

void _exit(int status)
{
    for (;;)
        raw_syscall(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

long syscall(long nr, ...)
{
    va_list list;
    long a[6];

    va_start(list, nr);
    for (unsigned i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    return checked(raw_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
}

int open(const char *path, int flags, ...)
{
    return (int)CALL4(openat, AT_FDCWD, path, flags, THIRD(flags, int));
}

int close(int fd)
{
    return (int)CALL1(close, fd);
}

ssize_t read(int fd, void *to, size_t len)
{
    return CALL3(read, fd, to, len);
}

ssize_t write(int fd, const void *from, size_t len)
{
    return CALL3(write, fd, from, len);
}

ssize_t pread(int fd, void *to, size_t len, off_t offset)
{
    return CALL4(pread64, fd, to, len, offset);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t offset)
{
    return CALL4(pwrite64, fd, from, len, offset);
}

ssize_t readv(int fd, const struct iovec *pieces, int count)
{
    return CALL3(readv, fd, pieces, count);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    return CALL3(writev, fd, pieces, count);
}

int fdatasync(int fd)
{
    return (int)CALL1(fdatasync, fd);
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
    return (int)CALL4(fallocate, fd, mode, offset, len);
}

int eventfd(unsigned count, int flags)
{
    return (int)CALL2(eventfd2, count, flags);
}

int fstat(int fd, struct stat *st)
{
    return (int)CALL2(fstat, fd, st);
}

int fcntl(int fd, int command, ...)
{
    return (int)CALL3(fcntl, fd, command, THIRD(command, long));
}

int ioctl(int fd, unsigned long request, ...)
{
    return (int)CALL3(ioctl, fd, request, THIRD(request, long));
}

int flock(int fd, int operation)
{
    return (int)CALL2(flock, fd, operation);
}

int socket(int domain, int type, int protocol)
{
    return (int)CALL3(socket, domain, type, protocol);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    return (int)CALL5(getsockopt, fd, level, name, value, len);
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    return (void *)CALL6(mmap, at, len, protection, flags, fd, offset);
}

int munmap(void *at, size_t len)
{
    return (int)CALL2(munmap, at, len);
}

int mprotect(void *at, size_t len, int protection)
{
    return (int)CALL3(mprotect, at, len, protection);
}

int madvise(void *at, size_t len, int advice)
{
    return (int)CALL3(madvise, at, len, advice);
}

ssize_t getrandom(void *to, size_t len, unsigned flags)
{
    return CALL3(getrandom, to, len, flags);
}

int prctl(int option, ...)
{
    va_list list;
    long a[4];

    va_start(list, option);
    for (unsigned i = 0; i < 4; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    return (int)CALL5(prctl, option, a[0], a[1], a[2], a[3]);
}

int epoll_create1(int flags)
{
    return (int)CALL1(epoll_create1, flags);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    return (int)CALL4(epoll_ctl, epoll, operation, fd, event);
}

int timerfd_create(int clock, int flags)
{
    return (int)CALL2(timerfd_create, clock, flags);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    return (int)CALL2(clock_gettime, clock, time);
}

/* The kernel writes the time that is left into the timeout. */
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec left = timeout != NULL ? *timeout : (struct timespec){0};

    return (int)CALL5(ppoll, fds, count, timeout != NULL ? &left : NULL, mask,
                      sizeof(unsigned long));
}

/* What the kernel takes; sigaction(2), "C library/kernel differences". */
#define SA_RESTORER 0x04000000
struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

void signal_return(void);

int sigaction(int signal, const struct sigaction *action, struct sigaction *before)
{
    struct kernel_sigaction new, old;
    long result;

    if (action != NULL)
        new = (struct kernel_sigaction){.handler = action->sa_handler,
                                        .flags = (unsigned long)action->sa_flags | SA_RESTORER,
                                        .restorer = signal_return,
                                        .mask = action->sa_mask.__val[0]};
    result =
        CALL4(rt_sigaction, signal, action ? &new : NULL, before ? &old : NULL, sizeof new.mask);
    if (result == 0 && before != NULL) {
        *before = (struct sigaction){.sa_handler = old.handler, .sa_flags = (int)old.flags};
        before->sa_mask.__val[0] = old.mask;
    }
    return (int)result;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
    return (int)CALL4(rt_sigprocmask, how, set, before, sizeof(unsigned long));
}

int sigemptyset(sigset_t *set)
{
    *set = (sigset_t){0};
    return 0;
}

int sigaltstack(const stack_t *stack, stack_t *before)
{
    return (int)CALL2(sigaltstack, stack, before);
}
