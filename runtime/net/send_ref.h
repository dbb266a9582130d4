/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Data that is sent from where it lies: who refers to it, and who is told when nobody does.
 */
#ifndef RUNTIME_NET_SEND_REF_H
#define RUNTIME_NET_SEND_REF_H

struct send_ref;

/* Whose data the next writes are; NULL: data that stays for ever. */
void send_ref_use(struct send_ref *ref);

#endif
