/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Forwarded ports and the words that stand for a network, as the command line writes them.
 */
#ifndef QUINTET_TENDERS_USERNET_FORWARD_H
#define QUINTET_TENDERS_USERNET_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "mft_abi.h"

#define NET_NAME_MAX MFT_NAME_MAX

struct forward {
    const char *text;                /* as it was written, for messages; the caller keeps it */
    char net_name[NET_NAME_MAX + 1]; /* "" for the first network */
    unsigned net_index;              /* which network that is, once the names are known */
    uint32_t host_addr;              /* host byte order; 0 listens on every address */
    uint16_t host_port;
    uint16_t guest_port;
    bool is_udp;
};

/* Reads [NAME=][ADDR:]HOST:GUEST[/tcp|/udp], all of (text).
 * Returns 0, or -1 with the reason, a constant, in (*why).
 */
int forward_parse(const char *text, struct forward *out, const char **why);

/* Whether two forwards want the same port of the host: the same protocol and port, on the same
 * address or on every address.
 */
bool forward_clashes(const struct forward *a, const struct forward *b);

/* What to say when its port could not be listened on, with errno (why). Returns -1, and (error). */
int forward_explain(const struct forward *forward, int why, struct error *error);

/* Whether (word) is `--net:NAME=@FD`, the place of a network on the tender's command line.
 * Returns 1 and sets (name); 0 when it is another word; -1 when NAME is none.
 */
int net_word_parse(const char *word, char name[NET_NAME_MAX + 1]);

#endif
