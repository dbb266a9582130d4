/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Thread-local storage, variant II (ELF Handling For Thread-Local Storage, 3.4.6): the variables
 * lie below the thread pointer, which points at a word that holds its own address.
 */
#include "bindings.h"

/* Set by the linker script; the sizes and the alignment are the values of the addresses. */
extern char _stdata[], _ltdata[], _ltbss[], _tls_align[];

static size_t block_size(void)
{
    size_t align = (size_t)_tls_align;
    size_t size = (size_t)_ltdata + (size_t)_ltbss;
    return (size + align - 1) & ~(align - 1);
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
    if (tls == 0 || (tls & ((size_t)_tls_align - 1)))
        return SOLO5_R_EINVAL;
    memcpy((void *)tls, _stdata, (size_t)_ltdata);
    memset((char *)tls + (size_t)_ltdata, 0, block_size() - (size_t)_ltdata);
    uintptr_t tp = solo5_tls_tp_offset(tls);
    *(uintptr_t *)tp = tp;
    return SOLO5_R_OK;
}
