/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * How long a domain has run, in microseconds: `xl` has it in tenths of a second.
 *
 *   cpu-time DOMAIN
 */
#include <stdio.h>
#include <stdlib.h>
#include <xenctrl.h>

int main(int argc, char **argv)
{
    uint32_t domain = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    xc_interface *xen = xc_interface_open(NULL, NULL, 0);
    xc_dominfo_t info;
    if (xen == NULL || xc_domain_getinfo(xen, domain, 1, &info) != 1 || info.domid != domain) {
        fprintf(stderr, "cpu-time: no such domain\n");
        return 1;
    }
    printf("%llu\n", (unsigned long long)info.cpu_time / 1000);
    xc_interface_close(xen);
    return 0;
}
