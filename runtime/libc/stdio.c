/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * stdin, stdout and stderr on the console: streams of picolibc's buffered kind.
 *
 * stdout is line buffered, so that one line is one write. stderr is buffered during a call and
 * written at its end, when the call gives back the stream's lock. setvbuf() changes either as
 * usual; _IONBF on stderr is what it has from the start.
 */
#include <stdio-bufio.h>
#include <stdio.h>
#include <unistd.h>

#include "libc/lock.h"
#include "libc/stdio_flush.h"

#define OUT_SIZE 1024
#define ERR_SIZE 512
#define IN_SIZE  64

static void stderr_released(void);
static int stderr_setvbuf(FILE *f, char *buf, int mode, size_t size);

static char in_buffer[IN_SIZE];
static char out_buffer[OUT_SIZE];
static char err_buffer[ERR_SIZE];

static struct __lock in_lock;
static struct __lock out_lock;
static struct __lock err_lock = {.released = stderr_released};

/* FDEV_SETUP_BUFIO leaves the lock to be allocated. */
#define STREAM(number, buffer, can, kind, the_lock, the_setvbuf)                                  \
    {                                                                                             \
        .xfile.cfile.file.put = __bufio_put, .xfile.cfile.file.get = __bufio_get,                 \
        .xfile.cfile.file.flush = __bufio_flush, .xfile.cfile.close = __bufio_close,              \
        .xfile.cfile.file.flags = (can) | __SBUF | __SCLOSE | __SEXT,                             \
        .xfile.cfile.file.lock = &(the_lock), .xfile.seek = __bufio_seek,                         \
        .xfile.setvbuf = the_setvbuf, .ptr = (void *)(number), .bflags = (kind), .buf = (buffer), \
        .size = sizeof(buffer), .read_int = read, .write_int = write, .lseek_int = lseek,         \
        .close_int = close,                                                                       \
    }

static struct __file_bufio in_file = STREAM(0, in_buffer, __SRD, 0, in_lock, __bufio_setvbuf);
static struct __file_bufio out_file =
    STREAM(1, out_buffer, __SWR, __BLBF, out_lock, __bufio_setvbuf);
static struct __file_bufio err_file = STREAM(2, err_buffer, __SWR, 0, err_lock, stderr_setvbuf);

FILE *const stdin = &in_file.xfile.cfile.file;
FILE *const stdout = &out_file.xfile.cfile.file;
FILE *const stderr = &err_file.xfile.cfile.file;

static void stderr_released(void)
{
    __bufio_flush(stderr);
}

static int stderr_setvbuf(FILE *f, char *buf, int mode, size_t size)
{
    err_lock.released = mode == _IONBF ? stderr_released : NULL;
    return mode == _IONBF ? 0 : __bufio_setvbuf(f, buf, mode, size);
}

void stdio_flush(void)
{
    fflush(stdout);
    fflush(stderr);
}

/* picolibc's own does not take NULL. Streams that the program opened have to be closed by it. */
int fflush(FILE *stream)
{
    int result = 0;

    if (stream == NULL) {
        stdio_flush();
        return 0;
    }
    flockfile(stream);
    if (stream->flush != NULL)
        result = stream->flush(stream);
    funlockfile(stream);
    return result;
}
