/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * What `xl` asks the domain for, by the node control/shutdown: to end, which it does; other things,
 * which it does not. Who asks waits until the node is empty again: that is the answer either way.
 */
#include "xen.h"

#define NODE "control/shutdown"

void control_init(void)
{
    store_watch(NODE, TOKEN_CONTROL);
    store_write("control/feature-poweroff", "1");
}

void control_changed(void)
{
    char request[16];
    if (!store_read(NODE, request, sizeof request) || request[0] == '\0')
        return;
    store_write(NODE, "");
    if (string_equal(request, "poweroff") || string_equal(request, "halt")) {
        log_write(LOG_INFO, "ends, since Xen asks for %s", request);
        solo5_exit(SOLO5_EXIT_SUCCESS);
    }
    log_write(LOG_WARN, "Xen asks for %s, which a unikernel cannot do; it goes on", request);
}
