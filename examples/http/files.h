/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The files of www/, packed into the program by pack.c: a unikernel that serves them needs no disk.
 */
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

#include <stddef.h>

#include "http_parse.h"

struct file {
    struct http_text path; /* as in a request: "/style.css" */
    struct http_text etag; /* with its quotes */
    struct http_text head; /* of the answer: the status line, and all fields but the date's */
    struct http_text body;
};

extern const struct file files[];
extern const size_t file_count;

#endif
