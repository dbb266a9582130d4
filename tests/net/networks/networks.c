/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A program on two networks: says to whoever connects to port 80 by which of its addresses.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "quintet.h"

const char *const rt_net_devices[] = {"service", "inner", NULL};

int main(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    int l = socket(AF_INET, SOCK_STREAM, 0);

    if (l < 0 || bind(l, (struct sockaddr *)&in, sizeof in) != 0 || listen(l, 16) != 0) {
        perror("networks");
        return 1;
    }
    for (;;) {
        socklen_t len = sizeof in;
        int fd = accept(l, NULL, NULL);

        if (fd < 0 || getsockname(fd, (struct sockaddr *)&in, &len) != 0) {
            perror("networks");
            return 1;
        }
        const char *text = inet_ntoa(in.sin_addr);
        send(fd, text, strlen(text), 0);
        close(fd);
    }
}
