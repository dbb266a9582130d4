/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Data that is not copied: rt_send_ref(), rt_recv_ref(), sendfile().
 */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "libc/file.h"
#include "net_local.h"
#include "quintet.h"

#define WINDOW   1048576 /* bytes that a connection may have unread */
#define BIG_SIZE 300000

static uint8_t big[BIG_SIZE];
static const char small[] = "a small file\n";

const struct rt_file rt_files[] = {{"/big", big, big + sizeof big},
                                   {"small", small, small + sizeof small - 1},
                                   {"empty", small, small},
                                   {NULL, NULL, NULL}};

static void setup(void)
{
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7 ^ i >> 11);
    local_setup();
}

static void close_both(const int fds[2])
{
    net_fake_close(fds[0]);
    net_fake_close(fds[1]);
}

/* ---- Receiving ----------------------------------------------------------------------------- */

START_TEST(lend_arguments)
{
    void *data = big, *loan = big;
    int fds[2], u = socket(AF_INET, SOCK_DGRAM, 0), s = socket(AF_INET, SOCK_STREAM, 0);
    int file = file_open(file_find("small"));

    ck_fails(rt_recv_ref(-1, &data, 0, &loan), EBADF);
    ck_assert_ptr_null(data);
    ck_assert_ptr_null(loan);
    ck_fails(rt_recv_ref(77, &data, 0, &loan), EBADF);
    ck_fails(rt_recv_ref(file, &data, 0, &loan), ENOTSOCK);
    ck_fails(rt_recv_ref(u, &data, 0, &loan), EOPNOTSUPP);
    ck_fails(rt_recv_ref(s, &data, 0, &loan), ENOTCONN);
    net_fake_close(file);
    net_fake_close(u);
    net_fake_close(s);
    connection(fds);
    ck_fails(rt_recv_ref(fds[0], &data, MSG_PEEK, &loan), EOPNOTSUPP);
    ck_fails(rt_recv_ref(fds[0], &data, MSG_DONTWAIT, &loan), EAGAIN);
    net_fake_nonblock(fds[0], true);
    ck_fails(rt_recv_ref(fds[0], &data, 0, &loan), EAGAIN);
    rt_recv_done(NULL);
    close_both(fds);
}
END_TEST

START_TEST(lend)
{
    void *data, *loan, *more, *more_loan;
    char text[8] = "";
    int fds[2], n;

    connection(fds);
    ck_assert_int_eq(send(fds[0], "hello", 5, 0), 5);
    net_fake_turn();
    ck_assert_int_eq(recv(fds[1], text, 1, 0), 1);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 4);
    ck_assert_mem_eq(data, "ello", 4);
    ck_assert_int_eq(ioctl(fds[1], FIONREAD, &n), 0);
    ck_assert_int_eq(n, 0);
    /* What comes next does not touch it, and it is the program's to change. */
    ck_assert_int_eq(send(fds[0], "world", 5, 0), 5);
    ck_assert_int_eq(rt_recv_ref(fds[1], &more, 0, &more_loan), 5);
    memset(data, 'x', 4);
    ck_assert_mem_eq(more, "world", 5);
    ck_assert_mem_eq(data, "xxxx", 4);
    rt_recv_done(more_loan);
    rt_recv_done(loan);
    ck_assert_int_eq(shutdown(fds[0], SHUT_WR), 0);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 0);
    ck_assert_ptr_null(loan);
    close_both(fds);
}
END_TEST

struct loans {
    void *loan[4096];
    size_t count, bytes;
};

/* Sends as much as goes, and borrows as much as there is, until neither goes on. */
static void borrow_all(const int fds[2], struct loans *l)
{
    ssize_t n, got = 1;
    void *data;

    do {
        n = send(fds[0], big, sizeof big, MSG_DONTWAIT);
        net_fake_turn();
        while ((got = rt_recv_ref(fds[1], &data, MSG_DONTWAIT, &l->loan[l->count])) > 0) {
            l->bytes += (size_t)got;
            l->count++;
            ck_assert_uint_lt(l->count, COUNT(l->loan));
        }
        net_fake_run(1000);
    } while (n > 0 || got > 0);
}

static void give_back(struct loans *l)
{
    for (size_t i = 0; i < l->count; i++)
        rt_recv_done(l->loan[i]);
    *l = (struct loans){0};
}

/* Who keeps what it gets is sent no more than a window, and hears the rest afterwards. */
START_TEST(window)
{
    static struct loans l;
    struct sockaddr_in in = local(53);
    int fds[2], u = socket(AF_INET, SOCK_DGRAM, 0);
    char c;

    ck_assert_int_eq(bind(u, SA(in)), 0);
    connection(fds);
    borrow_all(fds, &l);
    ck_assert_uint_gt(l.bytes, WINDOW / 2);
    ck_assert_uint_le(l.bytes, WINDOW);
    net_fake_run(20000);
    ck_fails(recv(fds[1], &c, 1, MSG_DONTWAIT), EAGAIN);
    ck_assert_int_eq(sendto(u, "y", 1, 0, SA(in)), 1); /* others are not hurt */
    ck_assert_int_eq(recv(u, &c, 1, 0), 1);
    net_fake_close(u);
    give_back(&l);
    net_fake_run(2000);
    borrow_all(fds, &l);
    ck_assert_uint_gt(l.bytes, WINDOW / 2);
    give_back(&l);
    close_both(fds);
}
END_TEST

/* The memory of all loans is bounded, and recv() goes on working. */
START_TEST(memory)
{
    static struct loans l;
    void *data, *loan;
    int fds[2];

    net_fake.heap_total = 2 << 20;
    connection(fds);
    borrow_all(fds, &l);
    ck_assert_int_eq(errno, ENOBUFS);
    ck_assert_uint_le(l.bytes, net_fake.heap_total / 8);
    ck_fails(rt_recv_ref(fds[1], &data, 0, &loan), ENOBUFS);
    ck_assert_ptr_null(loan);
    ck_assert_int_gt(recv(fds[1], big, sizeof big, 0), 0);
    rt_recv_done(l.loan[--l.count]);
    while (recv(fds[1], big, sizeof big, MSG_DONTWAIT) > 0)
        net_fake_turn();
    ck_assert_int_eq(send(fds[0], "z", 1, 0), 1);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 1);
    rt_recv_done(loan);
    give_back(&l);
    close_both(fds);
}
END_TEST

/* However little there is, one piece can be had. */
START_TEST(little_memory)
{
    void *data, *loan, *other;
    int fds[2];

    net_fake.heap_total = 65536;
    connection(fds);
    ck_assert_int_eq(send(fds[0], big, 30000, 0), 30000);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 30000);
    ck_assert_int_eq(send(fds[0], "x", 1, 0), 1);
    net_fake_turn();
    ck_fails(rt_recv_ref(fds[1], &data, 0, &other), ENOBUFS);
    rt_recv_done(loan);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &other), 1);
    rt_recv_done(other);
    close_both(fds);
}
END_TEST

/* A loan outlives its connection, however that ends; and what was lent was read: no reset. */
START_TEST(end_while_lent)
{
    struct linger linger = {1, 0};
    void *data, *loan;
    char text[8];
    int fds[2];

    connection(fds);
    ck_assert_int_eq(send(fds[0], "hello", 5, 0), 5);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 5);
    net_fake_close(fds[1]);
    ck_assert_int_eq(recv(fds[0], text, sizeof text, 0), 0);
    ck_assert_mem_eq(data, "hello", 5);
    net_fake_close(fds[0]);
    net_fake_run(60000);
    ck_assert_mem_eq(data, "hello", 5);
    rt_recv_done(loan);

    connection(fds);
    ck_assert_int_eq(send(fds[0], "hello", 5, 0), 5);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 5);
    ck_assert_int_eq(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    net_fake_close(fds[0]);
    net_fake_turn();
    ck_assert_mem_eq(data, "hello", 5);
    rt_recv_done(loan);
    ck_fails(rt_recv_ref(fds[1], &data, 0, &loan), ECONNRESET);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 0);
    net_fake_close(fds[1]);

    /* Given back in the turn of the end. */
    connection(fds);
    ck_assert_int_eq(send(fds[0], "hello", 5, 0), 5);
    ck_assert_int_eq(rt_recv_ref(fds[1], &data, 0, &loan), 5);
    rt_recv_done(loan);
    close_both(fds);
}
END_TEST

/* What comes in goes out again, untouched: an echo without a copy. */
START_TEST(pass_on)
{
    static uint8_t back[BIG_SIZE * 8];
    size_t sent = 0, got = 0;
    int fds[2];

    connection(fds);
    while (got < sizeof back) {
        void *data, *loan;
        ssize_t n = 0;

        if (sent < sizeof back)
            n = send(fds[0], big + sent % sizeof big, sizeof big - sent % sizeof big, MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        net_fake_turn();
        n = rt_recv_ref(fds[1], &data, MSG_DONTWAIT, &loan);
        if (n > 0)
            ck_assert_int_eq(rt_send_ref(fds[1], data, (size_t)n, 0, rt_recv_done, loan), n);
        n = recv(fds[0], back + got, sizeof back - got, MSG_DONTWAIT);
        got += n > 0 ? (size_t)n : 0;
    }
    for (size_t i = 0; i < sizeof back; i += sizeof big)
        ck_assert_mem_eq(back + i, big, sizeof big);
    close_both(fds);
}
END_TEST

/* ---- Files --------------------------------------------------------------------------------- */

START_TEST(files)
{
    int fd = file_open(file_find("//small"));
    const struct fd *entry = fd_get(fd);
    char a[4], b[64];
    struct iovec iov[] = {{a, 4}, {b, sizeof b}};
    struct stat st;

    ck_assert_ptr_null(file_find("smal"));
    ck_assert_ptr_null(file_find(""));
    ck_assert_ptr_eq(file_find("big"), &rt_files[0]);
    entry->ops->stat(entry->obj, &st);
    ck_assert_int_eq(st.st_size, sizeof small - 1);
    ck_assert(S_ISREG(st.st_mode));
    ck_assert_int_eq(entry->ops->readv(entry->obj, iov, 2, 0), sizeof small - 1);
    ck_assert_mem_eq(a, "a sm", 4);
    ck_assert_mem_eq(b, "all file\n", 9);
    ck_assert_int_eq(entry->ops->readv(entry->obj, iov, 2, 0), 0);
    ck_assert_int_eq(entry->ops->seek(entry->obj, -2, SEEK_END), sizeof small - 3);
    ck_assert_int_eq(entry->ops->readv(entry->obj, iov, 1, 0), 2);
    ck_assert_int_eq(entry->ops->seek(entry->obj, -3, SEEK_CUR), sizeof small - 4);
    ck_fails(entry->ops->seek(entry->obj, -1, SEEK_SET), EINVAL);
    ck_fails(entry->ops->seek(entry->obj, -99, SEEK_CUR), EINVAL);
    ck_fails(entry->ops->seek(entry->obj, INT64_MAX, SEEK_CUR), EOVERFLOW);
    ck_fails(entry->ops->seek(entry->obj, 0, 9), EINVAL);
    ck_assert_int_eq(entry->ops->seek(entry->obj, 0, SEEK_CUR), sizeof small - 4);
    ck_assert_int_eq(entry->ops->seek(entry->obj, INT64_MAX, SEEK_SET), INT64_MAX);
    ck_assert_int_eq(entry->ops->readv(entry->obj, iov, 2, 0), 0);
    net_fake_close(fd);
}
END_TEST

START_TEST(sendfile_arguments)
{
    int fds[2], file = file_open(file_find("big")), s = socket(AF_INET, SOCK_STREAM, 0);
    off_t offset = 0;

    connection(fds);
    ck_fails(sendfile(fds[0], -1, NULL, 1), EBADF);
    ck_fails(sendfile(-1, file, NULL, 1), EBADF);
    ck_fails(sendfile(file, file, NULL, 1), EBADF);
    ck_fails(sendfile(fds[0], fds[1], NULL, 1), EINVAL);
    ck_fails(sendfile(fds[0], fds[1], &offset, 1), ESPIPE);
    ck_fails(sendfile(fds[0], file, NULL, (size_t)-1), EINVAL);
    offset = -1;
    ck_fails(sendfile(fds[0], file, &offset, 1), EINVAL);
    ck_assert_int_eq(offset, -1);
    ck_fails(sendfile(s, file, NULL, sizeof big), ENOTCONN);
    ck_fails(sendfile(s, file, NULL, 1), ENOTCONN);
    net_fake_close(s);
    offset = sizeof big;
    ck_assert_int_eq(sendfile(fds[0], file, &offset, 1), 0);
    offset = INT64_MAX;
    ck_assert_int_eq(sendfile(fds[0], file, &offset, SSIZE_MAX), 0);
    ck_assert_int_eq(offset, INT64_MAX);
    ck_assert_int_eq(sendfile(fds[0], file, NULL, 0), 0);
    net_fake_close(fds[1]);
    net_fake_turn();
    ck_assert_int_eq(sendfile(fds[0], file, NULL, 1), 1); /* brings the reset */
    net_fake_turn();
    ck_fails(sendfile(fds[0], file, NULL, sizeof big), ECONNRESET);
    ck_fails(sendfile(fds[0], file, NULL, sizeof big), EPIPE);
    ck_assert_int_eq(((struct file *)fd_get(file)->obj)->position, 1);
    net_fake_close(file);
    net_fake_close(fds[0]);
}
END_TEST

static void expect(int fd, const void *bytes, size_t len)
{
    static uint8_t in[BIG_SIZE];

    ck_assert_int_eq(recv(fd, in, len, MSG_WAITALL), (ssize_t)len);
    ck_assert_mem_eq(in, bytes, len);
}

START_TEST(sendfile_positions)
{
    int fds[2], file = file_open(file_find("big")), empty = file_open(file_find("empty"));
    int little = file_open(file_find("small"));
    off_t offset = sizeof big - 5;

    connection(fds);
    ck_assert_int_eq(sendfile(fds[0], file, NULL, 100), 100);
    expect(fds[1], big, 100);
    /* The offset is the caller's, and the file's position stays. */
    ck_assert_int_eq(sendfile(fds[0], file, &offset, 100), 5);
    ck_assert_int_eq(offset, sizeof big);
    expect(fds[1], big + sizeof big - 5, 5);
    ck_assert_int_eq(sendfile(fds[0], file, NULL, sizeof big), sizeof big - 100);
    expect(fds[1], big + 100, sizeof big - 100);
    ck_assert_int_eq(sendfile(fds[0], file, NULL, 1), 0);
    ck_assert_int_eq(sendfile(fds[0], empty, NULL, 1), 0);
    ck_assert_int_eq(sendfile(fds[0], little, NULL, 1000), sizeof small - 1);
    expect(fds[1], small, sizeof small - 1);
    net_fake_close(file);
    net_fake_close(empty);
    net_fake_close(little);
    close_both(fds);
}
END_TEST

/* A socket that does not wait takes what there is room for, and says EAGAIN when there is none. */
START_TEST(sendfile_partial)
{
    int fds[2], file = file_open(file_find("big")), size = 65536;
    size_t got = 0, parts = 0;
    bool was_full = false;
    off_t offset = 0;

    connection(fds);
    ck_assert_int_eq(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
    net_fake_nonblock(fds[0], true);
    while (got < sizeof big) {
        uint8_t in[8192];
        ssize_t n = sendfile(fds[0], file, &offset, sizeof big);

        parts += n > 0;
        if (n < 0) {
            ck_assert_int_eq(errno, EAGAIN);
            was_full = true;
        }
        if (n > 0 && offset < (off_t)sizeof big)
            continue;
        net_fake_turn();
        n = recv(fds[1], in, sizeof in, MSG_DONTWAIT);
        if (n > 0) {
            ck_assert_mem_eq(in, big + got, (size_t)n);
            got += (size_t)n;
        }
    }
    ck_assert(was_full);
    ck_assert_uint_gt(parts, 2);
    ck_assert_int_eq(offset, sizeof big);
    net_fake_close(file);
    close_both(fds);
}
END_TEST

START_TEST(sendfile_datagram)
{
    struct sockaddr_in in = local(53);
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    int file = file_open(file_find("big"));

    ck_assert_int_eq(bind(a, SA(in)), 0);
    ck_fails(sendfile(b, file, NULL, 100), EDESTADDRREQ);
    ck_assert_int_eq(connect(b, SA(in)), 0);
    ck_assert_int_eq(sendfile(b, file, NULL, 8000), 8000);
    expect(a, big, 8000);
    ck_fails(sendfile(b, file, NULL, sizeof big), EMSGSIZE);
    net_fake_close(file);
    net_fake_close(a);
    net_fake_close(b);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("net_ref");
    TCase *tc = tcase_create("references");

    tcase_add_checked_fixture(tc, setup, local_teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, lend_arguments);
    tcase_add_test(tc, lend);
    tcase_add_test(tc, window);
    tcase_add_test(tc, memory);
    tcase_add_test(tc, little_memory);
    tcase_add_test(tc, end_while_lent);
    tcase_add_test(tc, pass_on);
    tcase_add_test(tc, files);
    tcase_add_test(tc, sendfile_arguments);
    tcase_add_test(tc, sendfile_positions);
    tcase_add_test(tc, sendfile_partial);
    tcase_add_test(tc, sendfile_datagram);
    suite_add_tcase(suite, tc);
    return suite;
}
