/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What the runtime offers beyond C and POSIX.
 */
#ifndef QUINTET_H
#define QUINTET_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The heap at one moment; everything in bytes but the count. */
struct rt_heap_stats {
    size_t total;       /* what there is, from start to end */
    size_t used;        /* in allocated blocks, their headers included */
    size_t used_peak;   /* the most that (used) has been */
    size_t free;        /* in free blocks below the top */
    size_t top;         /* from the start to the end of the highest block: total - top is untouched,
                           or was given back */
    size_t top_peak;    /* the most that (top) has been */
    size_t block_count; /* allocated blocks */
};

/* Fills in (*stats). */
void rt_heap_stats(struct rt_heap_stats *stats);

/* The networks of the manifest that sockets use, ended by a NULL. A program may define it; the
 * runtime's own names "service" alone. The first is where packets without another way go. */
extern const char *const rt_net_devices[];

/*
 * A file that is packed into the program: (path) is what open() finds it by, from (data) to before
 * (end) are its bytes, which stay as they are for ever.
 */
struct rt_file {
    const char *path; /* slashes at the beginning say nothing */
    const void *data, *end;
};

/* The files of the program, ended by one whose (path) is NULL. A program may define it; the
 * runtime's own is empty. They can be read, and sent by sendfile(). */
extern const struct rt_file rt_files[];

/*
 * At file scope: takes in the bytes of a file of the machine that compiles, as NAME_data to
 * NAME_end; (path) is a string literal. So a file is packed:
 *
 *     RT_INCLUDE_FILE(page, "www/index.html");
 *     const struct rt_file rt_files[] = {{"/index.html", page_data, page_end}, {NULL, NULL, NULL}};
 */
#define RT_INCLUDE_FILE(name, path)                    \
    __asm__(".pushsection .rodata." #name ", \"a\"\n"  \
            ".balign 64\n"                             \
            ".globl " #name "_data\n" #name "_data:\n" \
            ".incbin \"" path "\"\n"                   \
            ".globl " #name "_end\n" #name "_end:\n"   \
            ".popsection");                            \
    extern const char name##_data[], name##_end[]

/*
 * Sends from memory that stays where it is, on a connected stream. As send(), with the (flags) of
 * send(); but the bytes are not copied: they MUST stay as they are until (done) is called, or,
 * where it is NULL, for ever, as the constants of a program do. (done) gets (arg); it is called
 * once if the call returns a number greater than 0, perhaps before it does, when none of the bytes
 * that were taken is needed any more: the other side has confirmed them, or the connection is gone.
 * It runs in the network's turn and MUST NOT wait. Not called when the result is -1 or 0.
 */
ssize_t rt_send_ref(int fd, const void *data, size_t len, int flags, void (*done)(void *arg),
                    void *arg);

/*
 * Receives without a copy, from a connected stream: lends the program a piece of what came, in the
 * memory that it came to. Waits as recv() does; (flags): MSG_DONTWAIT or 0.
 *
 * Returns how many bytes are at (*data), at least 1: they are the program's to read and to change,
 * until it gives (*loan) back by rt_recv_done(). 0 at the end of the stream, -1 with errno, among
 * them ENOBUFS: the program has as much on loan as it can have, and must give some back, or copy by
 * recv(). Then *loan is NULL.
 *
 * What is on loan counts as not read: the other side sends at most 1 MiB that it does not know to
 * be read, so a program that keeps what it gets hears no more on that connection, while the others
 * go on. All loans together can take an eighth of the memory. A loan outlives
 * its connection, be it closed by the program, ended or reset.
 */
ssize_t rt_recv_ref(int fd, void **data, int flags, void **loan);

/*
 * Gives a loan back, once; NULL is none. It does not wait, and may be called by any thread, and as
 * the (done) of rt_send_ref(), with the loan as its (arg): so what came in goes out again
 * untouched.
 */
void rt_recv_done(void *loan);

/* argv[0]. A program may define it; the runtime's own says "app". */
extern const char *const rt_program_name;

#ifdef __cplusplus
}
#endif

#endif
