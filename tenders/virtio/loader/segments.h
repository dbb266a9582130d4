/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Selectors of the loaders' descriptor tables; also for assembly.
 */
#ifndef TENDERS_VIRTIO_LOADER_SEGMENTS_H
#define TENDERS_VIRTIO_LOADER_SEGMENTS_H

#define CODE32 0x08
#define DATA32 0x10
#define CODE16 0x18
#define DATA16 0x20

#endif
