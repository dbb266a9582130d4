/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See conn.h.
 */
#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __QUINTET__
#include <quintet.h>
#define REFERENCE_MIN 8192 /* bytes that are cheaper to refer to than to copy */
#endif

#define HEAD_TIMEOUT_MS   20000 /* from a request's first byte, or from the start, to its last */
#define IDLE_TIMEOUT_MS   60000 /* between requests */
#define WRITE_TIMEOUT_MS  30000 /* without taking a byte */
#define LINGER_TIMEOUT_MS 3000

void conn_open(struct conn *conn, const struct server *server, int fd)
{
    *conn = (struct conn){.fd = fd, .deadline_ms = server->site.now_ms + HEAD_TIMEOUT_MS};
}

void conn_close(struct conn *conn)
{
    close(conn->fd);
    free(conn->in);
    free(conn->out);
}

bool conn_writes(const struct conn *conn)
{
    return conn->state == CONN_WRITE;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* Keeps (data) as what waits in (*place), instead of what was there and may be part of it. */
static bool keep(char **place, size_t *place_len, const char *data, size_t len)
{
    char *copy = NULL;

    if (len > 0) {
        copy = malloc(len);
        if (copy == NULL)
            return false;
        memcpy(copy, data, len);
    }
    free(*place);
    *place = copy;
    *place_len = len;
    return true;
}

/* Sends (data) and then the tail, as sendmsg() does. A long tail is sent from where it is packed.
 */
static ssize_t send_parts(const struct conn *conn, const char *data, size_t len)
{
    struct iovec parts[2] = {{(char *)data, len}, {(char *)conn->tail.at, conn->tail.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = conn->tail.len > 0 ? 2 : 1};
    /* After the last one comes the end of the connection, in the same packet. */
    int flags = MSG_NOSIGNAL | (conn->last ? MSG_MORE : 0);

#ifdef __QUINTET__
    if (conn->tail.len >= REFERENCE_MIN) {
        ssize_t sent = len > 0 ? send(conn->fd, data, len, MSG_NOSIGNAL | MSG_MORE) : 0;
        if (sent < 0 || (size_t)sent < len)
            return sent;
        ssize_t more = rt_send_ref(conn->fd, conn->tail.at, conn->tail.len, flags, NULL, NULL);
        return more >= 0 ? sent + more : sent > 0 ? sent : -1;
    }
#endif
    return sendmsg(conn->fd, &message, flags);
}

/* Sends (data) and then the tail, as much as the client takes; what is left waits. */
static bool transmit(struct conn *conn, struct server *server, const char *data, size_t len)
{
    ssize_t result = send_parts(conn, data, len);

    if (result < 0 && !would_block())
        return false;
    size_t sent = result < 0 ? 0 : (size_t)result;
    size_t data_sent = sent < len ? sent : len;
    if (sent > len) {
        conn->tail.at += sent - len;
        conn->tail.len -= sent - len;
    }
    if (!keep(&conn->out, &conn->out_len, data + data_sent, len - data_sent))
        return false;
    if (conn->out_len == 0 && conn->tail.len == 0) {
        conn->state = CONN_READ;
    } else if (conn->state == CONN_READ || sent > 0) {
        conn->state = CONN_WRITE;
        conn->deadline_ms = server->site.now_ms + WRITE_TIMEOUT_MS;
    }
    return true;
}

/* Fills the batch with answers to the requests in (data); returns how many bytes those took. Sets
 * (*more) when the next request is not whole yet. */
static size_t answer(struct conn *conn, struct server *server, const char *data, size_t len,
                     bool *more)
{
    struct http_request request;
    size_t used = 0;

    while (!conn->last && batch_has_room(&server->batch)) {
        int status = http_parse(data + used, len - used, &request);
        if (status == HTTP_MORE) {
            *more = true;
            break;
        }
        if (status == HTTP_OK) {
            used += request.head_len;
            conn->linger = request.has_body;
            conn->last = request.has_body || !request.keep_alive;
            reply_add(&server->site, &server->batch, &request, conn->last);
        } else {
            conn->linger = true;
            conn->last = true;
            reply_add_error(&server->site, &server->batch, status);
        }
    }
    return used;
}

/* After the last answer: returns false when nothing keeps the connection from being closed. */
static bool finish(struct conn *conn, const struct server *server)
{
    if (!conn->linger || shutdown(conn->fd, SHUT_WR) != 0)
        return false;
    conn->state = CONN_LINGER;
    conn->deadline_ms = server->site.now_ms + LINGER_TIMEOUT_MS;
    return keep(&conn->in, &conn->in_len, NULL, 0);
}

/* Answers what (data) holds, batch after batch, as long as the client takes the answers. */
static bool serve(struct conn *conn, struct server *server, const char *data, size_t len)
{
    bool had_part = conn->in_len > 0;
    bool more = false;
    size_t used = 0;

    while (conn->state == CONN_READ && !conn->last && !more) {
        server->batch.len = 0;
        server->batch.tail.len = 0;
        used += answer(conn, server, data + used, len - used, &more);
        conn->tail = server->batch.tail;
        if (server->batch.len > 0 &&
            !transmit(conn, server, server->batch.bytes, server->batch.len))
            return false;
    }
    if (conn->last && conn->state == CONN_READ)
        return finish(conn, server);
    if (!keep(&conn->in, &conn->in_len, data + used, len - used))
        return false;
    if (conn->state == CONN_READ && conn->in_len == 0)
        conn->deadline_ms = server->site.now_ms + IDLE_TIMEOUT_MS;
    else if (conn->state == CONN_READ && (used > 0 || !had_part))
        conn->deadline_ms = server->site.now_ms + HEAD_TIMEOUT_MS;
    return true;
}

static bool read_requests(struct conn *conn, struct server *server)
{
    size_t part = conn->in_len;

    if (part > 0)
        memcpy(server->input, conn->in, part);
    ssize_t len = recv(conn->fd, server->input + part, INPUT_SIZE - part, 0);
    if (len <= 0)
        return len < 0 && would_block();
    return serve(conn, server, server->input, part + (size_t)len);
}

static bool write_rest(struct conn *conn, struct server *server)
{
    if (!transmit(conn, server, conn->out, conn->out_len))
        return false;
    if (conn->state == CONN_WRITE)
        return true;
    return conn->last ? finish(conn, server) : serve(conn, server, conn->in, conn->in_len);
}

static bool throw_away(struct conn *conn, struct server *server)
{
    ssize_t len = recv(conn->fd, server->input, INPUT_SIZE, 0);

    return len > 0 || (len < 0 && would_block());
}

bool conn_ready(struct conn *conn, struct server *server)
{
    switch (conn->state) {
    case CONN_READ:
        return read_requests(conn, server);
    case CONN_WRITE:
        return write_rest(conn, server);
    case CONN_LINGER:
        return throw_away(conn, server);
    }
    return false;
}

void conn_expire(struct conn *conn, struct server *server)
{
    if (conn->state != CONN_READ || conn->in_len == 0)
        return;
    server->batch.len = 0;
    server->batch.tail.len = 0;
    reply_add_error(&server->site, &server->batch, 408);
    conn->tail = server->batch.tail;
    transmit(conn, server, server->batch.bytes, server->batch.len);
}
