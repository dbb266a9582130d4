/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * See http_parse.h. One pass over the bytes, each looked up in a table of what may stand where. A
 * head that came in pieces is read again from its start: it is short, and nothing has to be kept.
 */
#include "http_parse.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* RFC 9110, 5.5 and 5.6.2: which bytes a name, a target and a value are made of. */
enum { NAME = 1, TARGET = 2, VALUE = 4, VISIBLE = TARGET | VALUE, TOKEN = NAME | VISIBLE };

static const uint8_t classes[256] = {
    ['\t'] = VALUE,         [' '] = VALUE,           ['!'] = TOKEN,         ['"'] = VISIBLE,
    ['#' ... '\''] = TOKEN, ['(' ... ')'] = VISIBLE, ['*' ... '+'] = TOKEN, [','] = VISIBLE,
    ['-' ... '.'] = TOKEN,  ['/'] = VISIBLE,         ['0' ... '9'] = TOKEN, [':' ... '@'] = VISIBLE,
    ['A' ... 'Z'] = TOKEN,  ['[' ... ']'] = VISIBLE, ['^' ... 'z'] = TOKEN, ['{'] = VISIBLE,
    ['|'] = TOKEN,          ['}'] = VISIBLE,         ['~'] = TOKEN,         [0x80 ... 0xff] = VALUE,
};

/* What the functions below return besides the status of an answer. */
#define GO_ON 1
#define DONE  HTTP_OK

struct scan {
    const char *at;
    const char *end;
};

/* What the fields have said so far. */
struct fields {
    struct http_request *request;
    unsigned host_count;
    unsigned length_count;
    bool transfer_encoding;
    bool close;
    bool keep_alive;
};

static struct http_text take(struct scan *s, uint8_t class)
{
    const char *start = s->at;

    while (s->at < s->end && (classes[(uint8_t)*s->at] & class) != 0)
        s->at++;
    return (struct http_text){start, (size_t)(s->at - start)};
}

/* Passes the end of a line: CR LF, or the LF alone that RFC 9112, 2.2 allows to take. */
static int take_line_end(struct scan *s)
{
    if (s->at < s->end && *s->at == '\r')
        s->at++;
    if (s->at == s->end)
        return HTTP_MORE;
    return *s->at++ == '\n' ? GO_ON : 400;
}

bool http_text_is(struct http_text text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

/* RFC 9112, 3.2: the path of "/path?query" or of "http://host/path?query". */
static int set_path(struct http_request *request, struct http_text target)
{
    static const char scheme[] = "http://";
    const char *end = target.at + target.len;
    const char *path = target.at;

    if (target.len >= strlen(scheme) && strncasecmp(path, scheme, strlen(scheme)) == 0) {
        path = memchr(path + strlen(scheme), '/', target.len - strlen(scheme));
        if (path == NULL) {
            request->path = (struct http_text){"/", 1};
            return GO_ON;
        }
    } else if (*path != '/' && request->method != HTTP_OTHER) {
        return 400; /* "*" and "host:port" belong to methods that are refused anyway */
    }
    const char *query = memchr(path, '?', (size_t)(end - path));
    request->path = (struct http_text){path, (size_t)((query != NULL ? query : end) - path)};
    return GO_ON;
}

static int parse_version(struct http_request *request, struct http_text version)
{
    if (version.len != 8 || memcmp(version.at, "HTTP/", 5) != 0 || version.at[6] != '.')
        return 400;
    char major = version.at[5], minor = version.at[7];
    if (major < '0' || major > '9' || minor < '0' || minor > '9')
        return 400;
    request->is_1_0 = minor == '0';
    return major == '1' ? GO_ON : 505;
}

static int parse_request_line(struct scan *s, struct http_request *request)
{
    struct http_text method = take(s, NAME);
    if (s->at == s->end)
        return HTTP_MORE;
    if (method.len == 0 || *s->at++ != ' ')
        return 400;
    struct http_text target = take(s, TARGET);
    if (s->at == s->end)
        return HTTP_MORE;
    if (target.len == 0 || *s->at++ != ' ')
        return 400;
    struct http_text version = take(s, TARGET);
    if (s->at == s->end)
        return HTTP_MORE;
    int status = take_line_end(s);
    if (status != GO_ON)
        return status;

    /* Methods are the one place where the case of letters counts: RFC 9110, 9.1. */
    request->method = method.len == 3 && memcmp(method.at, "GET", 3) == 0    ? HTTP_GET
                      : method.len == 4 && memcmp(method.at, "HEAD", 4) == 0 ? HTTP_HEAD
                                                                             : HTTP_OTHER;
    status = parse_version(request, version);
    return status == GO_ON ? set_path(request, target) : status;
}

static int on_host(struct fields *fields, struct http_text value)
{
    (void)value;
    fields->host_count++;
    return GO_ON;
}

/* A list such as "keep-alive, upgrade". */
static int on_connection(struct fields *fields, struct http_text value)
{
    struct scan s = {value.at, value.at + value.len};

    while (s.at < s.end) {
        struct http_text option = take(&s, NAME);
        fields->close |= http_text_is(option, "close");
        fields->keep_alive |= http_text_is(option, "keep-alive");
        if (option.len == 0)
            s.at++; /* a comma or a space */
    }
    return GO_ON;
}

static int on_content_length(struct fields *fields, struct http_text value)
{
    if (value.len == 0 || fields->length_count++ != 0)
        return 400;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return 400;
        fields->request->has_body |= value.at[i] != '0';
    }
    return GO_ON;
}

static int on_transfer_encoding(struct fields *fields, struct http_text value)
{
    fields->transfer_encoding = true;
    fields->request->has_body = true;
    return http_text_is(value, "chunked") ? GO_ON : 501; /* RFC 9112, 6.1 */
}

static int on_if_none_match(struct fields *fields, struct http_text value)
{
    fields->request->if_none_match = value;
    return GO_ON;
}

#define FIELD(name, on)           \
    {                             \
        name, sizeof name - 1, on \
    }
static const struct {
    const char *name;
    size_t len;
    int (*on)(struct fields *fields, struct http_text value);
} known_fields[] = {
    FIELD("Host", on_host),
    FIELD("Connection", on_connection),
    FIELD("Content-Length", on_content_length),
    FIELD("Transfer-Encoding", on_transfer_encoding),
    FIELD("If-None-Match", on_if_none_match),
};

static struct http_text trim(struct http_text text)
{
    while (text.len > 0 && (*text.at == ' ' || *text.at == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* One line of the head; DONE when it is the empty one at the end. */
static int parse_field(struct scan *s, struct fields *fields)
{
    struct http_text name = take(s, NAME);
    if (s->at == s->end)
        return HTTP_MORE;
    if (name.len == 0) {
        int status = take_line_end(s);
        return status == GO_ON ? DONE : status;
    }
    if (*s->at++ != ':')
        return 400; /* also a space before the colon and a folded line: RFC 9112, 5.1 and 5.2 */
    struct http_text value = take(s, VALUE);
    int status = take_line_end(s);
    if (status != GO_ON)
        return status;

    for (size_t i = 0; i < sizeof known_fields / sizeof known_fields[0]; i++) {
        if (name.len == known_fields[i].len &&
            strncasecmp(name.at, known_fields[i].name, name.len) == 0)
            return known_fields[i].on(fields, trim(value));
    }
    return GO_ON;
}

int http_parse(const char *buf, size_t len, struct http_request *request)
{
    struct scan s = {buf, buf + (len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX)};
    struct fields fields = {.request = request};

    *request = (struct http_request){.method = HTTP_OTHER};
    while (s.at < s.end && (*s.at == '\r' || *s.at == '\n'))
        s.at++; /* RFC 9112, 2.2: a client may send empty lines first */

    int status = parse_request_line(&s, request);
    if (status == HTTP_MORE)
        return len < HTTP_HEAD_MAX ? HTTP_MORE : 414;
    while (status == GO_ON)
        status = parse_field(&s, &fields);
    if (status == HTTP_MORE)
        return len < HTTP_HEAD_MAX ? HTTP_MORE : 431;
    if (status != DONE)
        return status;

    if (fields.host_count != 1 && !(request->is_1_0 && fields.host_count == 0))
        return 400; /* RFC 9112, 3.2 */
    if (fields.transfer_encoding && (fields.length_count != 0 || request->is_1_0))
        return 400; /* RFC 9112, 6.1: one end sees another request than the other */
    request->keep_alive = !fields.close && (!request->is_1_0 || fields.keep_alive);
    request->head_len = (size_t)(s.at - buf);
    return HTTP_OK;
}
