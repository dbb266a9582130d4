/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Fuzzer of the request parser of examples/http. What is accepted lies within the input, and does
 * not depend on what follows it; what is refused stays refused however much more comes.
 */
#include <string.h>

#include "fuzz.h"
#include "http_parse.h"

static void check_inside(struct http_text text, const char *buf, size_t len)
{
    FUZZ_CHECK(text.len == 0 || (text.at >= buf && text.at + text.len <= buf + len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char root[] = "/";
    struct http_request request, again;
    const char *buf = (const char *)data;
    int status = http_parse(buf, size, &request);

    if (status == HTTP_OK) {
        FUZZ_CHECK(request.head_len > 0 && request.head_len <= size);
        FUZZ_CHECK(request.head_len <= HTTP_HEAD_MAX);
        FUZZ_CHECK(request.path.len > 0 || request.method == HTTP_OTHER);
        if (request.path.len != 1 || memcmp(request.path.at, root, 1) != 0)
            check_inside(request.path, buf, request.head_len);
        check_inside(request.if_none_match, buf, request.head_len);
        FUZZ_CHECK(http_parse(buf, request.head_len, &again) == HTTP_OK);
        FUZZ_CHECK(again.head_len == request.head_len && again.method == request.method);
        FUZZ_CHECK(http_parse(buf, request.head_len - 1, &again) == HTTP_MORE);
    } else if (status == HTTP_MORE) {
        FUZZ_CHECK(size < HTTP_HEAD_MAX);
    } else {
        FUZZ_CHECK(status == 400 || status == 414 || status == 431 || status == 501 ||
                   status == 505);
    }
    return 0;
}
