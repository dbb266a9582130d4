/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What is answered to a request. Answers are gathered in a batch, so that a hundred requests that
 * came together are answered by one write.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http_parse.h"

#define BATCH_SIZE 16384
#define DATE_LEN   (sizeof "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" - 1)

/* Answers one after another. A large body is not copied: it can only be the last thing in a batch,
 * (tail), and lives in the program's constants. */
struct batch {
    size_t len;
    struct http_text tail;
    char bytes[BATCH_SIZE];
};

/* What the answers tell: the time, and what the server has done. */
struct site {
    uint64_t start_ms; /* of the monotonic clock, like the others */
    uint64_t now_ms;
    uint64_t date_end_ms; /* when (date) is a second too old */
    uint64_t request_count;
    unsigned connection_count;
    char date[DATE_LEN + 1]; /* the whole line */
};

void site_start(struct site *site);

/* Reads the clock: once after every wait, and everything in between happens at that moment. */
void site_tick(struct site *site);

/* Whether another answer has room. */
bool batch_has_room(const struct batch *batch);

/* Adds the answer to (request); with the field `Connection: close` when it is the (last). */
void reply_add(struct site *site, struct batch *batch, const struct http_request *request,
               bool last);

/* Adds the answer to what is not even a request; always the last. */
void reply_add_error(struct site *site, struct batch *batch, int status);

#endif
