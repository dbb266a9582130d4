/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * One line for the person who started a tender: what is wrong with an option, a file or a device,
 * and what to do. Functions that can fail for such a reason take a struct error, fill it in and
 * return -1; only a main program prints it.
 */
#ifndef TENDERS_COMMON_ERROR_H
#define TENDERS_COMMON_ERROR_H

struct error {
    char text[1024]; /* a C string without a newline; cut short where it does not fit */
};

/* Formats the message; returns -1, so that a caller can return its value. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts what is formatted, a colon and a space before the message that is there; returns -1. */
int error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes `PROGRAM: TEXT` and a newline to standard error, in one piece. */
void error_print(const char *program, const char *text);

/* An invariant of our own does not hold: says where and ends the process with status 1. */
void check_failed(const char *file, int line, const char *condition) __attribute__((noreturn));

/* Always compiled in; (condition) has no side effects and is never about input. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

#endif
