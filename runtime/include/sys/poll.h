/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The old name of poll.h.
 */
#include <poll.h>
