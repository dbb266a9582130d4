/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * From the bindings' solo5_app_main to the program's main: heap, the first thread's thread-local
 * storage (errno is in it, so it comes before anything that may fail in C's way), the command line,
 * constructors, main, exit.
 */
#include <stdlib.h>
#include <string.h>

#include "solo5.h"
#include "solo5_io.h"

#include "libc/heap.h"
#include "quintet.h"
#include "start/args.h"
#include "start/message.h"
#include "start/options.h"
#include "thread/thread.h"

/* What the linker script says, and the program. */
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);
int main(int argc, char **argv, char **envp);

extern char **environ;

#define TOO_LITTLE_MEMORY "too little memory; give the program more (--mem)"

static void tls_start(void)
{
    void *block = aligned_alloc(THREAD_TLS_ALIGN, solo5_tls_size());

    if (block == NULL || solo5_tls_init((uintptr_t)block) != SOLO5_R_OK)
        rt_fail(TOO_LITTLE_MEMORY, NULL);
    uintptr_t base = solo5_tls_tp_offset((uintptr_t)block);
    if (solo5_set_tls_base(base) != SOLO5_R_OK)
        rt_panic("no thread pointer", NULL);
    thread_init(base);
}

/* Makes argv, ended by NULL, of (line). */
static char **make_argv(const char *line, int *argc)
{
    size_t len = strlen(line);
    size_t pointers = (ARGS_MAX_WORDS(len) + 2) * sizeof(char *);
    char **argv = malloc(pointers + len + 1);
    size_t count;

    if (argv == NULL)
        rt_fail(TOO_LITTLE_MEMORY, NULL);
    const char *wrong = args_split(line, (char *)argv + pointers, argv + 1, &count);
    if (wrong != NULL)
        rt_fail("command line: ", wrong, NULL);
    argv[0] = (char *)rt_program_name;
    count = options_consume(argv + 1, count);
    argv[count + 1] = NULL;
    *argc = (int)count + 1;
    return argv;
}

int solo5_app_main(const struct solo5_start_info *info)
{
    int argc;

    heap_init((void *)info->heap_start, info->heap_size - solo5_stack_reserve(info->heap_size));
    tls_start();
    char **argv = make_argv(info->cmdline, &argc);
    for (void (*const *init)(void) = __init_array_start; init < __init_array_end; init++)
        (*init)();
    exit(main(argc, argv, environ));
}
