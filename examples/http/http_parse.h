/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The head of an HTTP request, RFC 9112. Pure: no state, no allocation, no system call, so a unit
 * test and a fuzzer can call it with anything.
 */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

/* The longest head, from the request line to the empty line. */
#define HTTP_HEAD_MAX 8192

/* What http_parse() returns besides the status of an answer. */
#define HTTP_MORE 0
#define HTTP_OK   200

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OTHER };

/* A piece of the caller's buffer; no zero byte ends it. */
struct http_text {
    const char *at;
    size_t len;
};

struct http_request {
    enum http_method method;
    bool is_1_0;                    /* HTTP/1.0; everything later is taken as 1.1 */
    bool keep_alive;                /* the client wants the connection to stay */
    bool has_body;                  /* one was announced: what follows the head is not a request */
    struct http_text path;          /* without the query */
    struct http_text if_none_match; /* len 0: not given */
    size_t head_len;                /* the bytes that the request took */
};

/* Reads the request at the start of the (len) bytes of (buf).
 *
 * HTTP_OK: (*request) is filled in and points into (buf). HTTP_MORE: the head does not end within
 * (len) bytes, but may with more of them. Anything else is the status to answer with, after which
 * nothing sensible can be read from this client: 400, 414, 431, 501, 505.
 */
int http_parse(const char *buf, size_t len, struct http_request *request);

/* Whether (text) is (word), in small or capital letters. */
bool http_text_is(struct http_text text, const char *word);

#endif
