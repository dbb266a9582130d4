/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One connection, which never waits. It owns memory only while it must: for the part of a request
 * that came so far, and for answers that the client does not take. Idle, it is the struct alone.
 *
 *              +--- requests answered ---+
 *              v                         |      the client reads too slowly
 *     open -> READ ----------------------+----------------> WRITE
 *              |  ^--------------- all was sent --------------+
 *              | the last answer was sent
 *              v
 *            LINGER -> closed        a deadline passed, an error: closed, from everywhere
 */
#ifndef HTTP_CONN_H
#define HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reply.h"

#define INPUT_SIZE 16384 /* more than HTTP_HEAD_MAX, so that a full buffer is never incomplete */

/* What all connections share. The buffers are in use while one connection is served, no longer. */
struct server {
    struct site site;
    struct batch batch;
    char input[INPUT_SIZE];
};

enum conn_state {
    CONN_READ,   /* for a request */
    CONN_WRITE,  /* answers wait to be taken: until then nothing is read */
    CONN_LINGER, /* all said: what still comes is thrown away, so that TCP does not reset the
                    connection before the client has read the answer; RFC 9112, 9.6 */
};

struct conn {
    int fd;
    enum conn_state state;
    bool last;            /* close after the answers that wait */
    bool linger;          /* and linger before, since the client may still be sending */
    uint64_t deadline_ms; /* when patience ends */
    char *in;             /* input that is not answered yet; NULL when there is none */
    size_t in_len;
    char *out; /* output that waits, then the tail; NULL when there is none */
    size_t out_len;
    struct http_text tail;
};

void conn_open(struct conn *conn, const struct server *server, int fd);
void conn_close(struct conn *conn);

/* Does it wait for room to write, rather than for something to read? */
bool conn_writes(const struct conn *conn);

/* Goes on with a connection that is ready. Returns false when it is over: close it. */
bool conn_ready(struct conn *conn, struct server *server);

/* The deadline has passed: says so to a client in the middle of a request. Close it then. */
void conn_expire(struct conn *conn, struct server *server);

#endif
