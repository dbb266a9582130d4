/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Whether this machine's /dev/kvm runs guests as a processor would.
 */
#ifndef TENDERS_COMMON_KVM_USABLE_H
#define TENDERS_COMMON_KVM_USABLE_H

/* Longest that kvm_unusable takes where KVM works, with much to spare. */
#define KVM_USABLE_SECONDS 5

/* Runs a small guest. Returns NULL when it does what it should, else a reason that follows
 * "/dev/kvm is not usable: ". Where KVM is broken it may not return: who calls it in a process of
 * its own, after alarm(KVM_USABLE_SECONDS), need not care. */
const char *kvm_unusable(void);

#endif
