/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Thread-local storage, variant II (ELF Handling For Thread-Local Storage, 3.4.6): the variables
 * lie below the thread pointer, which points at a word that holds its own address.
 */
#include "bindings.h"

/* Set by the linker script; the sizes and the alignment are the values of the addresses. */
extern char _stdata[], _ltdata[], _ltbss[], _tls_align[];

#define BLOCK_ALIGN 16 /* at least, whatever the variables need */

/* How far below the thread pointer the linker takes the first variable to be. */
static size_t variables_size(void)
{
    size_t align = (size_t)_tls_align;
    size_t size = (size_t)_ltdata + (size_t)_ltbss;
    return (size + align - 1) & ~(align - 1);
}

static size_t block_size(void)
{
    return (variables_size() + BLOCK_ALIGN - 1) & ~(size_t)(BLOCK_ALIGN - 1);
}

size_t solo5_tls_size(void)
{
    return block_size() + sizeof(uintptr_t);
}

uintptr_t solo5_tls_tp_offset(uintptr_t tls)
{
    return tls + block_size();
}

solo5_result_t solo5_tls_init(uintptr_t tls)
{
    size_t align = (size_t)_tls_align > BLOCK_ALIGN ? (size_t)_tls_align : BLOCK_ALIGN;
    if (tls == 0 || (tls & (align - 1)))
        return SOLO5_R_EINVAL;
    uintptr_t tp = solo5_tls_tp_offset(tls);
    char *variables = (char *)tp - variables_size();
    memcpy(variables, _stdata, (size_t)_ltdata);
    memset(variables + (size_t)_ltdata, 0, variables_size() - (size_t)_ltdata);
    *(uintptr_t *)tp = tp;
    return SOLO5_R_OK;
}
