/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * net_vector.h: whole frames on a network whose frames have headers. As read(2) and write(2), the
 * header not counted; a frame that cannot do without its header, or is larger, is dropped.
 */
#ifndef NET_VECTOR_H
#define NET_VECTOR_H

#include "bindings.h"

long net_vector_write(const struct mft_entry *dev, const uint8_t *buf, size_t size);
long net_vector_read(const struct mft_entry *dev, uint8_t *buf, size_t size);

#endif
