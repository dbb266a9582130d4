/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The calls of Xen that a guest without interrupts needs, each by the processor's own instruction:
 * no page of code from Xen is wanted. Arguments are on the stack, which is the program's memory:
 * Xen takes addresses as the guest's tables translate them.
 */
#include "xen.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/xen.h>

#include "machine.h"
#include "xencall.h"

static bool vmmcall;

static long call(unsigned long number, unsigned long a, const void *b)
{
    return xencall(vmmcall, number, a, (unsigned long)b, 0);
}

bool hyper_present(void)
{
    static bool looked, present;
    if (!looked) {
        looked = true;
        vmmcall = xencall_by_vmmcall();
        present = xencall_is_xen();
    }
    return present;
}

bool hyper_parameter(unsigned index, uint64_t *value)
{
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index};
    if (call(__HYPERVISOR_hvm_op, HVMOP_get_param, &param) != 0)
        return false;
    *value = param.value;
    return true;
}

static bool map(unsigned space, unsigned index, void *page)
{
    size_t size = XEN_PAGE;
    struct xen_add_to_physmap add = {
        .domid = DOMID_SELF,
        .space = space,
        .idx = index,
        .gpfn = machine_phys(page, &size, true) / XEN_PAGE,
    };
    return call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add) == 0;
}

bool hyper_map_shared_info(void *page)
{
    return map(XENMAPSPACE_shared_info, 0, page);
}

bool hyper_map_grants(unsigned index, void *page)
{
    return map(XENMAPSPACE_grant_table, index, page);
}

/* For a PVH domain Xen does so only when the domain's width changes, which it looks at when this
 * parameter is set, or when the first domain sets its clock. The value is that of no interrupt. */
void hyper_wake_wall_clock(void)
{
    static struct xen_hvm_param param = {.domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ};
    xencall_from_32_bits(vmmcall, __HYPERVISOR_hvm_op, HVMOP_set_param, &param);
    call(__HYPERVISOR_hvm_op, HVMOP_set_param, &param);
}

unsigned hyper_grant_pages_max(void)
{
    struct gnttab_query_size query = {.dom = DOMID_SELF};
    if (xencall(vmmcall, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, (unsigned long)&query,
                1) != 0 ||
        query.status != GNTST_okay)
        return 0;
    return query.max_nr_frames;
}

uint32_t hyper_port_for(uint16_t domain)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = domain};
    return call(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc) == 0 ? alloc.port
                                                                                    : 0;
}

void hyper_close_port(uint32_t port)
{
    struct evtchn_close close = {.port = port};
    call(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close);
}

void hyper_notify(uint32_t port)
{
    struct evtchn_send send = {.port = port};
    call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
}

void hyper_poll(const uint32_t *ports, unsigned count, uint64_t deadline)
{
    struct sched_poll poll = {.nr_ports = count, .timeout = deadline == UINT64_MAX ? 0 : deadline};
    set_xen_guest_handle(poll.ports, (evtchn_port_t *)ports);
    call(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll);
}

void hyper_console(const char *text, size_t size)
{
    xencall(vmmcall, __HYPERVISOR_console_io, CONSOLEIO_write, size, (unsigned long)text);
}

void hyper_shutdown(unsigned reason)
{
    struct sched_shutdown shutdown = {.reason = reason};
    for (;;) {
        call(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &shutdown);
        xencall_stop();
    }
}
