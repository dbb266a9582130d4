/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The handlers of interrupts (bindings/cpu/x86_64/interrupt.S), called as the processor calls them,
 * here without privileges: the instructions that they return to are refused, and tell where that
 * was.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "unit.h"

extern const char arch_irq[], arch_irq_timer[], arch_irq_spurious[], arch_halt_hlt[];
extern volatile uint64_t arch_timer_set;

static volatile uint32_t acknowledged;
/* An address, or 0 for a register that only a kernel may write. */
uint64_t arch_irq_eoi = (uintptr_t)&acknowledged;

extern const char elsewhere[];
__asm__(".pushsection .text\nelsewhere:\n\thlt\n.popsection");

static sigjmp_buf refused_here;
static volatile uintptr_t refused_at;

static void refused(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    refused_at = (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    siglongjmp(refused_here, 1);
}

/* SDM vol. 3, 6.14.2: what the processor pushes. */
static void enter(const char *handler, const char *at)
{
    __asm__ volatile("movq %%rsp, %%rax\n\t"
                     "movl %%ss, %%ecx\n\t"
                     "pushq %%rcx\n\t"
                     "pushq %%rax\n\t"
                     "pushfq\n\t"
                     "movl %%cs, %%ecx\n\t"
                     "pushq %%rcx\n\t"
                     "pushq %1\n\t"
                     "jmpq *%0"
                     :
                     : "r"(handler), "r"(at)
                     : "rax", "rcx", "memory");
    __builtin_unreachable();
}

/* Where the handler goes on that came at an instruction. */
static uintptr_t returned_to(const char *handler, const char *at)
{
    struct sigaction action = {.sa_sigaction = refused, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    acknowledged = 1;
    if (sigsetjmp(refused_here, 1) == 0)
        enter(handler, at);
    return refused_at;
}

static const char *const handlers[] = {arch_irq, arch_irq_timer, arch_irq_spurious};

START_TEST(goes_on_where_it_was)
{
    ck_assert_uint_eq(returned_to(handlers[_i], elsewhere), (uintptr_t)elsewhere);
}
END_TEST

START_TEST(halts_no_more)
{
    ck_assert_uint_eq(returned_to(handlers[_i], arch_halt_hlt), (uintptr_t)arch_halt_hlt + 1);
}
END_TEST

START_TEST(acknowledges)
{
    arch_timer_set = 7;
    returned_to(arch_irq, elsewhere);
    ck_assert_uint_eq(acknowledged, 0);
    ck_assert_uint_eq(arch_timer_set, 7);
    returned_to(arch_irq_timer, elsewhere);
    ck_assert_uint_eq(acknowledged, 0);
    ck_assert_uint_eq(arch_timer_set, 0);
    returned_to(arch_irq_spurious, elsewhere);
    ck_assert_uint_eq(acknowledged, 1);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("interrupt");
    TCase *tc = tcase_create("handlers");
    tcase_add_loop_test(tc, goes_on_where_it_was, 0, COUNT(handlers));
    tcase_add_loop_test(tc, halts_no_more, 0, COUNT(handlers));
    tcase_add_test(tc, acknowledges);
    suite_add_tcase(suite, tc);
    return suite;
}
