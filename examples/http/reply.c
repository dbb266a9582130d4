/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See reply.h.
 */
#define _GNU_SOURCE 1 /* memmem: POSIX.1-2024 */

#include "reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "files.h"

#ifdef __QUINTET__
#include <quintet.h>
#else
#include <malloc.h>
#endif

#define HEAD_MAX       512  /* of any answer */
#define SMALL_BODY_MAX 2048 /* copied; a larger one is passed by reference */

#define LITERAL(text) ((struct http_text){text, sizeof text - 1})

static const struct error {
    int status;
    const char *reason;
    const char *field; /* one more, or "" */
} errors[] = {
    {400, "Bad Request", ""},
    {404, "Not Found", ""},
    {405, "Method Not Allowed", "Allow: GET, HEAD\r\n"},
    {408, "Request Timeout", ""},
    {414, "URI Too Long", ""},
    {431, "Request Header Fields Too Large", ""},
    {501, "Not Implemented", ""},
    {505, "HTTP Version Not Supported", ""},
};

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void site_start(struct site *site)
{
    *site = (struct site){.start_ms = clock_ms(CLOCK_MONOTONIC)};
    site_tick(site);
}

void site_tick(struct site *site)
{
    site->now_ms = clock_ms(CLOCK_MONOTONIC);
    if (site->now_ms < site->date_end_ms)
        return;

    uint64_t wall_ms = clock_ms(CLOCK_REALTIME);
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;

    site->date_end_ms = site->now_ms + 1000 - wall_ms % 1000;
    gmtime_r(&seconds, &tm);
    strftime(site->date, sizeof site->date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
}

bool batch_has_room(const struct batch *batch)
{
    return batch->tail.len == 0 && BATCH_SIZE - batch->len >= HEAD_MAX + SMALL_BODY_MAX;
}

static void add(struct batch *batch, struct http_text text)
{
    memcpy(batch->bytes + batch->len, text.at, text.len);
    batch->len += text.len;
}

static void add_body(struct batch *batch, struct http_text body)
{
    if (body.len <= SMALL_BODY_MAX)
        add(batch, body);
    else
        batch->tail = body;
}

/* The end of every head. RFC 9112, 9.3: staying is what 1.1 does unsaid, and 1.0 is told. */
static void add_head_end(struct site *site, struct batch *batch, bool is_1_0, bool last)
{
    site->request_count++;
    add(batch, (struct http_text){site->date, DATE_LEN});
    add(batch, last     ? LITERAL("Connection: close\r\n\r\n")
               : is_1_0 ? LITERAL("Connection: keep-alive\r\n\r\n")
                        : LITERAL("\r\n"));
}

static void add_error(struct site *site, struct batch *batch, int status,
                      const struct http_request *request, bool last)
{
    const struct error *error = errors;

    while (error->status != status)
        error++;
    batch->len += (size_t)sprintf(batch->bytes + batch->len,
                                  "HTTP/1.1 %d %s\r\nServer: Quintet\r\n%s"
                                  "Content-Type: text/plain\r\nContent-Length: %zu\r\n",
                                  status, error->reason, error->field, strlen(error->reason) + 5);
    add_head_end(site, batch, request->is_1_0, last);
    if (request->method != HTTP_HEAD)
        batch->len += (size_t)sprintf(batch->bytes + batch->len, "%d %s\n", status, error->reason);
}

void reply_add_error(struct site *site, struct batch *batch, int status)
{
    add_error(site, batch, status, &(struct http_request){.method = HTTP_OTHER}, true);
}

static void add_file(struct site *site, struct batch *batch, const struct http_request *request,
                     const struct file *file, bool last)
{
    struct http_text known = request->if_none_match;

    /* RFC 9110, 13.1.2: the client names the versions it has. */
    if (known.len > 0 && memmem(known.at, known.len, file->etag.at, file->etag.len) != NULL) {
        add(batch, LITERAL("HTTP/1.1 304 Not Modified\r\nServer: Quintet\r\nETag: "));
        add(batch, file->etag);
        add(batch, LITERAL("\r\n"));
        add_head_end(site, batch, request->is_1_0, last);
        return;
    }
    add(batch, file->head);
    add_head_end(site, batch, request->is_1_0, last);
    if (request->method == HTTP_GET)
        add_body(batch, file->body);
}

/* The bytes of the heap that are in use, and that there are. */
static void measure_memory(size_t *used, size_t *total)
{
#ifdef __QUINTET__
    struct rt_heap_stats stats;
    rt_heap_stats(&stats);
    *used = stats.used;
    *total = stats.total;
#else
    struct mallinfo2 info = mallinfo2();
    *used = info.uordblks;
    *total = info.arena + info.hblkhd;
#endif
}

static void add_status(struct site *site, struct batch *batch, const struct http_request *request,
                       bool last)
{
    char body[256];
    size_t used, total;

    measure_memory(&used, &total);
    int len = snprintf(body, sizeof body,
                       "{\"uptime_ms\": %" PRIu64 ", \"requests\": %" PRIu64 ", "
                       "\"connections\": %u, \"memory_used\": %zu, \"memory_total\": %zu}\n",
                       site->now_ms - site->start_ms, site->request_count, site->connection_count,
                       used, total);
    batch->len += (size_t)sprintf(batch->bytes + batch->len,
                                  "HTTP/1.1 200 OK\r\nServer: Quintet\r\n"
                                  "Content-Type: application/json\r\nContent-Length: %d\r\n"
                                  "Cache-Control: no-store\r\n",
                                  len);
    add_head_end(site, batch, request->is_1_0, last);
    if (request->method == HTTP_GET)
        add(batch, (struct http_text){body, (size_t)len});
}

static bool same(struct http_text a, struct http_text b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

void reply_add(struct site *site, struct batch *batch, const struct http_request *request,
               bool last)
{
    if (request->method == HTTP_OTHER) {
        add_error(site, batch, 405, request, last);
        return;
    }
    for (size_t i = 0; i < file_count; i++) {
        if (same(files[i].path, request->path)) {
            add_file(site, batch, request, &files[i], last);
            return;
        }
    }
    if (same(LITERAL("/status.json"), request->path))
        add_status(site, batch, request, last);
    else
        add_error(site, batch, 404, request, last);
}
