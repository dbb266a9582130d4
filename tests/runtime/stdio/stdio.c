/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Streams on the console. Without an argument, formats; with `writes`, lines whose writes the
 * driver counts; with the name of an end, output that only that end can flush.
 */
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static void expect(const char *want, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void expect(const char *want, const char *format, ...)
{
    char got[256];
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(got, sizeof got, format, arguments);
    va_end(arguments);
    if (strcmp(got, want) != 0 || len != (int)strlen(want)) {
        printf("\"%s\" gives \"%s\", %d, not \"%s\"\n", format, got, len, want);
        exit(EXIT_FAILURE);
    }
}

static void formats(void)
{
    expect("1 -2 3 0x4 5 a%", "%d %ld %u 0x%x %o %c%%", 1, -2L, 3U, 4U, 5U, 'a');
    expect("[  +7][7   ][0007]", "[%+4d][%-4d][%04d]", 7, 7, 7);
    expect("18446744073709551615 -9223372036854775808", "%" PRIu64 " %" PRId64, UINT64_MAX,
           INT64_MIN);
    expect("12 -3 255", "%zu %jd %hhu", (size_t)12, (intmax_t)-3, (unsigned char)255);
    expect("[ab][  abc][abc  ]", "[%.2s][%5s][%-5s]", "abc", "abc", "abc");
    expect("2 1", "%2$d %1$d", 1, 2);
    expect("0x10 (nil)", "%p %s", (void *)16, "(nil)");
    expect("0.1 1e+100 -0 3.14159", "%g %g %g %g", 0.1, 1e100, -0.0, M_PI);
    expect("3.1416 3.141593e+00 0x1p+0", "%.4f %e %a", M_PI, M_PI, 1.0);
    expect("1.7976931348623157e+308 5e-324", "%.17g %g", DBL_MAX, 5e-324);
    expect("inf -inf nan INF", "%f %f %f %F", INFINITY, -INFINITY, NAN, INFINITY);
    expect("1.500000 2.5", "%f %Lg", (double)1.5F, 2.5L);
    char four[4];
    volatile int six_digits = 123456;
    check(snprintf(four, sizeof four, "%d", six_digits) == 6 && strcmp(four, "123") == 0);
}

static void scans(void)
{
    int i;
    double d;
    char word[16], *end;

    check(sscanf(" 42 abc 2.5e3", "%d %15s %lf", &i, word, &d) == 3);
    check(i == 42 && strcmp(word, "abc") == 0 && d == 2500);
    check(strtod("0x1.8p1z", &end) == 3.0 && *end == 'z');
    check(strtod("1e-400", NULL) == 0 && strtod("0.1", NULL) == 0.1);
    check(strtoul("ffz", &end, 16) == 255 && *end == 'z');
}

static void errors(void)
{
    char text[40];

    expect("Resource temporarily unavailable", "%s", strerror(EAGAIN));
    expect("Too many open files", "%s", strerror(EMFILE));
    expect("Unknown error", "%s", strerror(-1));
    expect("Unknown error", "%s", strerror(44));
    expect("Unknown error", "%s", strerror(4000));
    check(strerror_r(ENOENT, text, sizeof text) == 0);
    expect("No such file or directory", "%s", text);
}

/* Each of these is one write, as the driver sees it. */
static void writes(void)
{
    static char big[64];

    printf("one %d %s\n", 1, "line");
    puts("puts");
    fputs("in ", stdout);
    fputs("pieces\n", stdout);
    fprintf(stderr, "err %d, ", 1);
    fprintf(stderr, "err 2\n");
    fputs("no newline", stdout);
    fflush(stdout);
    check(setvbuf(stdout, NULL, _IONBF, 0) == 0);
    fputs("ab", stdout);
    check(setvbuf(stdout, big, _IOFBF, sizeof big) == 0);
    printf("full\nbuffer\n");
    fflush(NULL);
    check(setvbuf(stdout, NULL, _IOLBF, 256) == 0);
    printf("a line again\n");
    perror("perror");
    write(1, "write\n", 6);
    /* Longer than the buffer: in as few writes as it takes. */
    char line[300];
    memset(line, 'x', sizeof line - 2);
    line[298] = '\n';
    line[299] = '\0';
    fputs(line, stdout);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "writes") == 0) {
        writes();
        return 0;
    }
    fputs("unfinished", stdout);
    if (strcmp(what, "return") == 0)
        return 3;
    if (strcmp(what, "exit") == 0)
        exit(4);
    if (strcmp(what, "_exit") == 0)
        _exit(5);
    fputs("\n", stdout);
    formats();
    scans();
    errors();
    check(getchar() == EOF && feof(stdin) && !ferror(stdin));
    check(fileno(stdin) == 0 && fileno(stdout) == 1 && fileno(stderr) == 2);
    check(fopen("/etc/passwd", "r") == NULL);
    printf("SUCCESS\n");
    return 0;
}
