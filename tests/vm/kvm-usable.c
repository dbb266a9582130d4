/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * Decides whether this machine's /dev/kvm is usable: status 0 if so, else 1 with the reason on
 * standard output, or the end by SIGALRM.
 */
#include <stdio.h>
#include <unistd.h>

#include "kvm_usable.h"

int main(void)
{
    const char *reason;

    alarm(KVM_USABLE_SECONDS);
    reason = kvm_unusable();
    if (reason == NULL)
        return 0;
    printf("/dev/kvm is not usable: %s\n", reason);
    return 1;
}
