/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What is wrong with an input, for a person: one line of text and, where it is
 * known, the place. The functions that find a fault fill one in and return -1;
 * only elftool.c prints.
 */
#ifndef TOOLS_ELFTOOL_FAULT_H
#define TOOLS_ELFTOOL_FAULT_H

#include <stdarg.h>

struct fault {
    unsigned line;   /* from 1; 0: the file as a whole */
    unsigned column; /* from 1, in characters */
    char text[400];  /* what is wrong, and what to do */
};

/* Foreign text made fit to be shown: see quote(). */
struct quoted {
    char text[96];
};

/*
 * Fills in `*fault`, without a place, from a printf format. Returns -1.
 */
int fault_set(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The same with a place, from a list of arguments.
 */
void fault_vset_at(struct fault *fault, unsigned line, unsigned column, const char *format,
                   va_list args) __attribute__((format(printf, 4, 0)));

/*
 * Writes `text` to `*quoted` with every byte that is not printable ASCII as \xNN,
 * so that a hostile file cannot write to the terminal, and cut short with "..."
 * where there is no room. Returns quoted->text.
 */
const char *quote(struct quoted *quoted, const char *text);

#endif
