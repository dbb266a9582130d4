/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * The least that a process can do: what a unikernel's start is measured against.
 */
int main(void)
{
    return 0;
}
