/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The environment, from --env=NAME=VALUE.
 */
#ifndef RUNTIME_START_ENV_H
#define RUNTIME_START_ENV_H

/* Adds (text), NAME=VALUE, to environ, or replaces what has its name. See struct rt_option. */
const char *env_option(const char *text);

#endif
