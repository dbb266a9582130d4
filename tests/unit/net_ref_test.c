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
#include "net_peer.h"
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

/* A client that asks for as much back as it sends: where its window ends, and what came. */
struct client {
    struct peer_tcp c;
    unsigned scale; /* of the windows that it is told */
    uint32_t edge;  /* the first byte that it may not send */
};

static void client_connect(struct client *cl, bool scaled)
{
    static const uint8_t syn_options[] = {2, 4, 5, 180, 3, 3, 2, 1}; /* MSS 1460, times 4 */
    struct packet syn = peer_segment(&(struct peer_tcp){4000, 80, 4000, 0}, TCP_F_SYN);
    const struct packet *p;

    syn.len = syn.options_len = scaled ? 8 : 4;
    memcpy(syn.data, syn_options, syn.len);
    peer_start();
    peer_send(&syn);
    do {
        net_fake_run(1);
        p = peer_next();
    } while (p == NULL || p->protocol != 6);
    ck_assert_uint_eq(p->flags, TCP_F_SYN | TCP_F_ACK);
    *cl = (struct client){.c = {4000, 80, 4001, p->seq + 1}, .scale = scaled ? 6 : 0};
    cl->edge = cl->c.seq + 65535;
    peer_tcp(4000, 80, cl->c.seq, cl->c.ack, TCP_F_ACK, NULL, 0);
}

/* Takes what the program sent, and confirms it all at once. */
static void client_take(struct client *cl)
{
    const struct packet *p;
    bool data = false;

    while ((p = peer_next()) != NULL) {
        uint32_t edge = p->ack + (p->window << cl->scale);

        if ((int32_t)(edge - cl->edge) > 0)
            cl->edge = edge;
        if (p->len > 0 && p->seq == cl->c.ack)
            cl->c.ack += (uint32_t)p->len;
        data = data || p->len > 0;
    }
    if (data)
        peer_tcp(4000, 80, cl->c.seq, cl->c.ack, TCP_F_ACK, NULL, 0);
}

/* The program, which never waits: it borrows what comes, and sends it back as there is room. */
struct piece {
    char *data;
    size_t len;     /* not yet sent */
    unsigned holds; /* calls that the stack works on, and one for what is not yet sent */
    void *loan;
};

struct program {
    int fd;
    size_t first, count;
    struct piece piece[2048];
};

static void piece_done(void *arg)
{
    struct piece *piece = arg;

    if (--piece->holds == 0)
        rt_recv_done(piece->loan);
}

static void program_borrow(struct program *pr)
{
    struct piece *piece = &pr->piece[pr->count % COUNT(pr->piece)];
    void *data;
    ssize_t n;

    while ((n = rt_recv_ref(pr->fd, &data, MSG_DONTWAIT, &piece->loan)) > 0) {
        piece->data = data;
        piece->len = (size_t)n;
        piece->holds = 1;
        piece = &pr->piece[++pr->count % COUNT(pr->piece)];
        ck_assert_uint_eq(piece->holds, 0);
    }
    ck_assert_int_eq(errno, EAGAIN);
}

static void program_send(struct program *pr)
{
    while (pr->first < pr->count) {
        struct piece *piece = &pr->piece[pr->first % COUNT(pr->piece)];
        ssize_t n;

        piece->holds++;
        n = rt_send_ref(pr->fd, piece->data, piece->len, MSG_DONTWAIT, piece_done, piece);
        if (n <= 0) {
            piece->holds--;
            return;
        }
        piece->data += n;
        piece->len -= (size_t)n;
        if (piece->len > 0)
            continue;
        piece_done(piece);
        pr->first++;
    }
}

static void (*to_client)(const uint8_t *frame, size_t len);

/* With an acknowledgement alone the device is done with what it had before. */
static void sent(const uint8_t *frame, size_t len)
{
    if (len == 14 + 20 + 20 && net_fake.hold > 1)
        net_fake.hold = 1;
    to_client(frame, len);
}

/* A window that loans closed opens again when the stack gives them back: without a word from the
 * client, and whenever the device is done with what it was given. */
static void opens_again(bool scaled, unsigned hold)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    uint32_t wanted = scaled ? WINDOW / 4 * 3 : 49152; /* that is to be there again */
    static struct program pr;
    struct client cl;
    int l = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(l, SA(in)), 0);
    ck_assert_int_eq(listen(l, 1), 0);
    net_fake.hold = hold;
    client_connect(&cl, scaled);
    to_client = net_fake.sent;
    net_fake.sent = sent;
    pr = (struct program){.fd = accept(l, NULL, NULL)};
    for (unsigned round = 0; round < 8; round++) {
        uint32_t start = cl.c.seq, back = cl.c.ack;

        /* As much as the window takes; nothing goes back before. */
        while ((int32_t)(cl.edge - cl.c.seq) > 0) {
            uint32_t room = cl.edge - cl.c.seq;

            peer_write(&cl.c, big, room < 1400 ? room : 1400);
            client_take(&cl);
            program_borrow(&pr);
        }
        for (unsigned ms = 0; ms < 1000 && cl.c.ack - back != cl.c.seq - start; ms++) {
            net_fake.hold = hold;
            program_send(&pr);
            net_fake_run(1);
            client_take(&cl);
        }
        for (unsigned ms = 0; ms < 10; ms++) {
            net_fake_run(1);
            client_take(&cl);
        }
        ck_assert_uint_eq(cl.c.ack - back, cl.c.seq - start);
        ck_assert_msg(cl.edge - cl.c.seq >= wanted, "round %u: the window stays closed", round);
    }
    net_fake_close(pr.fd);
    net_fake_close(l);
    peer_tcp(4000, 80, cl.c.seq, cl.c.ack, TCP_F_RST, NULL, 0);
    net_fake_turn();
    net_fake.hold = 0;
    net_fake_turn();
}

START_TEST(opens_scaled)
{
    opens_again(true, 0);
}
END_TEST

START_TEST(opens_scaled_held)
{
    opens_again(true, 32);
}
END_TEST

START_TEST(opens_unscaled)
{
    opens_again(false, 0);
}
END_TEST

START_TEST(opens_unscaled_held)
{
    opens_again(false, 4);
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
    tcase_add_test(tc, opens_scaled);
    tcase_add_test(tc, opens_scaled_held);
    tcase_add_test(tc, opens_unscaled);
    tcase_add_test(tc, opens_unscaled_held);
    tcase_add_test(tc, files);
    tcase_add_test(tc, sendfile_arguments);
    tcase_add_test(tc, sendfile_positions);
    tcase_add_test(tc, sendfile_partial);
    tcase_add_test(tc, sendfile_datagram);
    suite_add_tcase(suite, tc);
    return suite;
}
