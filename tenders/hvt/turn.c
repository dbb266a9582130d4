/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A turn of a virtqueue: what is the same for networks and disks.
 */
#include "rings.h"
#include "vm.h"

/* Most chains until the other queues have their turn. */
#define TURN_CHAINS 64

enum turn queue_broken(struct queue *queue, const char *text, uint64_t value)
{
    queue->fault = (struct ring_fault){text, value};
    return TURN_BROKEN;
}

enum turn queue_turn(struct vm *vm, struct queue *queue)
{
    struct ring_chain chain;

    for (unsigned i = 0; i < TURN_CHAINS; i++) {
        enum turn turn;

        switch (ring_next(&queue->ring, &vm->rings.memory, &chain, &queue->fault)) {
        case RING_EMPTY:
            if (ring_ask(&queue->ring))
                continue;
            return TURN_IDLE;
        case RING_BROKEN:
            return TURN_BROKEN;
        case RING_CHAIN:
            break;
        }
        turn = queue->kind->serve_chain(vm, queue, &chain);
        if (turn != TURN_MORE)
            return turn;
    }
    return TURN_MORE;
}
