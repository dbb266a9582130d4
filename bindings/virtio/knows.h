/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * knows.h: no tender offers anything to this target: what it offers to the common code it finds out
 * itself.
 */
#ifndef KNOWS_H
#define KNOWS_H

#define TARGET_KNOWS 0

#endif
