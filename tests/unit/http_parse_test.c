/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The request parser of examples/http: tables of heads and what becomes of them, each also byte by
 * byte, as a slow client sends it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "http_parse.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOST         "Host: a\r\n"

static int parse(const char *text, struct http_request *request)
{
    return http_parse(text, strlen(text), request);
}

static void check_text(struct http_text text, const char *expected)
{
    ck_assert_uint_eq(text.len, strlen(expected));
    ck_assert(memcmp(text.at, expected, text.len) == 0);
}

/* ---- Requests ---------------------------------------------------------------------------------
 */

static const struct {
    const char *head;
    enum http_method method;
    const char *path;
    bool keep_alive, has_body;
} requests[] = {
    {"GET / HTTP/1.1\r\n" HOST "\r\n", HTTP_GET, "/", true, false},
    {"HEAD /a.b?c=d HTTP/1.1\r\n" HOST "\r\n", HTTP_HEAD, "/a.b", true, false},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 12\r\n\r\n", HTTP_OTHER, "/", true, true},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 00\r\n\r\n", HTTP_GET, "/", true, false},
    {"PUT / HTTP/1.1\r\n" HOST "transfer-encoding: Chunked\r\n\r\n", HTTP_OTHER, "/", true, true},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", HTTP_OTHER, "*", true, false},
    {"CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n", HTTP_OTHER, "a:80", true, false},
    {"get / HTTP/1.1\r\n" HOST "\r\n", HTTP_OTHER, "/", true, false},
    {"GET http://a/b?c HTTP/1.1\r\n" HOST "\r\n", HTTP_GET, "/b", true, false},
    {"GET HTTP://a HTTP/1.1\r\n" HOST "\r\n", HTTP_GET, "/", true, false},
    {"GET /? HTTP/1.1\r\n" HOST "\r\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.9\r\n" HOST "\r\n", HTTP_GET, "/", true, false},
    {"\r\n\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.1\nHost: a\n\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.1\r\nhOsT:a\r\n\r\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", HTTP_GET, "/", false, false},
    {"GET / HTTP/1.1\r\n" HOST "Connection: a, b ,\tCLOSE\r\n\r\n", HTTP_GET, "/", false, false},
    {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.0\r\n\r\n", HTTP_GET, "/", false, false},
    {"GET / HTTP/1.0\r\n" HOST "Connection: Keep-Alive\r\n\r\n", HTTP_GET, "/", true, false},
    {"GET / HTTP/1.1\r\n" HOST "A: \xc3\xa9\t\"x\"\r\nB:\r\n\r\n", HTTP_GET, "/", true, false},
};

START_TEST(accepted)
{
    const char *head = requests[_i].head;
    struct http_request request;

    ck_assert_int_eq(parse(head, &request), HTTP_OK);
    ck_assert_int_eq(request.method, requests[_i].method);
    check_text(request.path, requests[_i].path);
    ck_assert_int_eq(request.keep_alive, requests[_i].keep_alive);
    ck_assert_int_eq(request.has_body, requests[_i].has_body);
    ck_assert_uint_eq(request.head_len, strlen(head));
}
END_TEST

/* Every beginning of a request is incomplete, never wrong. The copy is of that size, so that a
 * sanitizer sees a step too far. */
START_TEST(in_pieces)
{
    const char *head = requests[_i].head;
    struct http_request request;

    for (size_t len = 0; len < strlen(head); len++) {
        char *piece = malloc(len + 1);
        ck_assert_ptr_nonnull(piece);
        memcpy(piece + 1, head, len);
        ck_assert_int_eq(http_parse(piece + 1, len, &request), HTTP_MORE);
        free(piece);
    }
}
END_TEST

START_TEST(pipelined)
{
    static const char both[] = "GET /a HTTP/1.1\r\n" HOST "\r\nHEAD /b HTTP/1.1\r\n" HOST "\r\n";
    struct http_request request;

    ck_assert_int_eq(parse(both, &request), HTTP_OK);
    check_text(request.path, "/a");
    ck_assert_int_eq(parse(both + request.head_len, &request), HTTP_OK);
    check_text(request.path, "/b");
    ck_assert_int_eq(request.method, HTTP_HEAD);
}
END_TEST

START_TEST(if_none_match)
{
    struct http_request request;

    ck_assert_int_eq(
        parse("GET / HTTP/1.1\r\n" HOST "If-None-Match: \t \"x\", \"y\"  \r\n\r\n", &request),
        HTTP_OK);
    check_text(request.if_none_match, "\"x\", \"y\"");
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\n" HOST "\r\n", &request), HTTP_OK);
    ck_assert_uint_eq(request.if_none_match.len, 0);
}
END_TEST

/* ---- What is no request -----------------------------------------------------------------------
 */

static const struct {
    const char *head;
    int status;
} refused[] = {
    {" / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"G@T / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /\r\n\r\n", 400},
    {"GET / \r\n\r\n", 400},
    {"GET /a b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /\x01 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /\xff HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET a HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET * HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
    {"GET / http/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/11.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1,1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/x.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
    {"GET / HTTP/0.9\r\n" HOST "\r\n", 505},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A: b\x7f\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "\rX", 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: \r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501},
    {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
    {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
};

START_TEST(refusal)
{
    struct http_request request;

    ck_assert_int_eq(parse(refused[_i].head, &request), refused[_i].status);
}
END_TEST

START_TEST(zero_byte)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
    struct http_request request;

    ck_assert_int_eq(http_parse(head, sizeof head - 1, &request), 400);
}
END_TEST

/* ---- Length -----------------------------------------------------------------------------------
 */

/* A head of (len) bytes, whose filling is in the target or in a field. */
static char *make_head(size_t len, bool in_target)
{
    const char *before = in_target ? "GET /" : "GET / HTTP/1.1\r\n" HOST "A: ";
    const char *after = in_target ? " HTTP/1.1\r\n" HOST "\r\n" : "\r\n\r\n";
    char *head = malloc(len + 1);

    ck_assert_ptr_nonnull(head);
    memset(head, 'x', len);
    memcpy(head, before, strlen(before));
    strcpy(head + len - strlen(after), after);
    return head;
}

START_TEST(longest)
{
    bool in_target = _i != 0;
    char *head = make_head(HTTP_HEAD_MAX, in_target);
    struct http_request request;

    ck_assert_int_eq(http_parse(head, HTTP_HEAD_MAX - 1, &request), HTTP_MORE);
    ck_assert_int_eq(http_parse(head, HTTP_HEAD_MAX, &request), HTTP_OK);
    ck_assert_uint_eq(request.head_len, HTTP_HEAD_MAX);
    free(head);
}
END_TEST

START_TEST(too_long)
{
    bool in_target = _i != 0;
    char *head = make_head(1024 * 1024, in_target);
    struct http_request request;

    ck_assert_int_eq(http_parse(head, 1024 * 1024, &request), in_target ? 414 : 431);
    ck_assert_int_eq(http_parse(head, HTTP_HEAD_MAX, &request), in_target ? 414 : 431);
    ck_assert_int_eq(http_parse(head, HTTP_HEAD_MAX - 1, &request), HTTP_MORE);
    free(head);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_parse");
    TCase *tcase = tcase_create("http_parse");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, accepted, 0, COUNT(requests));
    tcase_add_loop_test(tcase, in_pieces, 0, COUNT(requests));
    tcase_add_test(tcase, pipelined);
    tcase_add_test(tcase, if_none_match);
    tcase_add_loop_test(tcase, refusal, 0, COUNT(refused));
    tcase_add_test(tcase, zero_byte);
    tcase_add_loop_test(tcase, longest, 0, 2);
    tcase_add_loop_test(tcase, too_long, 0, 2);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
