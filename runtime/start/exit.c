/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The ways out of a program: exit and what it calls first, _exit, abort.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "solo5.h"

#include "libc/stdio_flush.h"
#include "start/message.h"

#define BLOCK_COUNT 32 /* what C promises without memory, C17 7.22.4.2 */

enum handler_kind { HANDLER_ATEXIT, HANDLER_ON_EXIT, HANDLER_CXA };

struct handler {
    union {
        void (*atexit)(void);
        void (*on_exit)(int, void *);
        void (*cxa)(void *);
    } call;
    void *arg;
    enum handler_kind kind;
};

struct block {
    struct block *older;
    struct handler handlers[BLOCK_COUNT];
};

static struct block first_block;
static struct block *newest = &first_block;
static unsigned newest_count;

extern void (*const __fini_array_start[])(void);
extern void (*const __fini_array_end[])(void);

int __cxa_atexit(void (*function)(void *), void *arg, void *dso);

static int handler_add(struct handler handler)
{
    if (newest_count == BLOCK_COUNT) {
        struct block *block = malloc(sizeof *block);
        if (block == NULL)
            return -1;
        block->older = newest;
        newest = block;
        newest_count = 0;
    }
    newest->handlers[newest_count++] = handler;
    return 0;
}

int atexit(void (*function)(void))
{
    return handler_add((struct handler){.call.atexit = function, .kind = HANDLER_ATEXIT});
}

int on_exit(void (*function)(int, void *), void *arg)
{
    return handler_add(
        (struct handler){.call.on_exit = function, .arg = arg, .kind = HANDLER_ON_EXIT});
}

/* Itanium C++ ABI, 3.3.5 */
int __cxa_atexit(void (*function)(void *), void *arg, void *dso)
{
    (void)dso;
    return handler_add((struct handler){.call.cxa = function, .arg = arg, .kind = HANDLER_CXA});
}

/* Takes the newest handler, so that one which calls exit() again does not run twice. */
static bool handler_take(struct handler *handler)
{
    if (newest_count == 0) {
        if (newest->older == NULL)
            return false;
        newest = newest->older;
        newest_count = BLOCK_COUNT;
    }
    *handler = newest->handlers[--newest_count];
    return true;
}

void exit(int status)
{
    struct handler handler;

    while (handler_take(&handler)) {
        switch (handler.kind) {
        case HANDLER_ATEXIT:
            handler.call.atexit();
            break;
        case HANDLER_ON_EXIT:
            handler.call.on_exit(status, handler.arg);
            break;
        case HANDLER_CXA:
            handler.call.cxa(handler.arg);
            break;
        }
    }
    for (void (*const *fini)(void) = __fini_array_end; fini > __fini_array_start;)
        (*--fini)();
    if (stdio_flush != NULL)
        stdio_flush();
    _exit(status);
}

void _exit(int status)
{
    solo5_exit(status & 0xff);
}

void abort(void)
{
    rt_panic("abort() was called", NULL);
}
