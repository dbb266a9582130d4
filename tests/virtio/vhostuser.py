# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The back-end of a device for QEMU, by the vhost-user protocol over a socket: it has the guest's
# memory, and serves the queues there. It is as honest as the one who made it: a Device has two
# functions to replace, `serve` for a request and `give_back` for how it is returned.

import array
import mmap
import os
import select
import socket
import struct
import threading

# Messages, by their numbers in QEMU's docs/interop/vhost-user.rst.
GET_FEATURES, SET_FEATURES, SET_OWNER, SET_MEM_TABLE = 1, 2, 3, 5
SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, GET_VRING_BASE = 8, 9, 10, 11
SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR = 12, 13, 14
GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES, GET_QUEUE_NUM, SET_VRING_ENABLE = 15, 16, 17, 18
GET_CONFIG = 24

F_PROTOCOL_FEATURES = 1 << 30
PROTOCOL_MQ, PROTOCOL_REPLY_ACK, PROTOCOL_CONFIG = 1 << 0, 1 << 3, 1 << 9
VERSION, REPLY, NEED_REPLY = 1, 4, 8

F_INDIRECT_DESC, F_EVENT_IDX, F_VERSION_1, F_RING_PACKED = 1 << 28, 1 << 29, 1 << 32, 1 << 34
NEXT, WRITE, INDIRECT = 1, 2, 4
AVAIL, USED = 1 << 7, 1 << 15


class Memory:
    """The guest's: by guest addresses, and queues by those of QEMU's process."""

    def __init__(self, payload, fds):
        self.regions = []
        count, = struct.unpack_from("<I", payload)
        for i in range(count):
            guest, size, user, offset = struct.unpack_from("<4Q", payload, 8 + 32 * i)
            area = mmap.mmap(fds[i], size + offset)
            os.close(fds[i])
            self.regions.append((guest, user, size, offset, area))

    def guest(self, addr):
        for guest, _, size, offset, area in self.regions:
            if guest <= addr < guest + size:
                return area, addr - guest + offset
        raise ValueError(f"no memory at {addr:#x}")

    def user(self, addr):
        for _, user, size, offset, area in self.regions:
            if user <= addr < user + size:
                return area, addr - user + offset
        raise ValueError(f"no memory at {addr:#x}")

    def read(self, addr, size):
        area, at = self.guest(addr)
        return area[at:at + size]

    def write(self, addr, data):
        area, at = self.guest(addr)
        area[at:at + len(data)] = data


class Chain:
    """A request: its id, how many descriptors it takes in the ring, and its pieces."""

    def __init__(self, ident, count, pieces):
        self.ident, self.count, self.pieces = ident, count, pieces

    def reads(self):
        return [(addr, size) for addr, size, flags in self.pieces if not flags & WRITE]

    def writes(self):
        return [(addr, size) for addr, size, flags in self.pieces if flags & WRITE]


class Queue:
    def __init__(self, number):
        self.number, self.size, self.kick, self.call = number, 0, None, None
        self.desc = self.driver = self.device = None
        self.packed = False
        self.taken = self.returned = 0
        self.wrap_taken = self.wrap_returned = True

    def get(self, part, offset, form):
        area, at = part
        return struct.unpack_from("@" + form, area, at + offset)

    def put(self, part, offset, form, *values):
        area, at = part
        struct.pack_into("<" + form, area, at + offset, *values)

    def put_index(self, part, offset, value):
        """At once: pack_into makes it zero first, and the driver could see that."""
        area, at = part
        memoryview(area)[at + offset:at + offset + 2].cast("H")[0] = value

    def next(self, memory):
        return self.next_packed(memory) if self.packed else self.next_split(memory)

    def next_split(self, memory):
        # The driver is to tell of what comes next; what has come before that is seen below.
        self.put_index(self.device, 4 + 8 * self.size, self.taken)
        index, = self.get(self.driver, 2, "H")
        if index == self.taken:
            return None
        head, = self.get(self.driver, 4 + 2 * (self.taken % self.size), "H")
        self.taken = self.taken + 1 & 0xffff
        pieces, at, count = [], head, 0
        while True:
            addr, size, flags, after = self.get(self.desc, 16 * at, "QIHH")
            count += 1
            if flags & INDIRECT:
                table = memory.read(addr, size)
                for i in range(0, size, 16):
                    pieces.append(struct.unpack_from("<QIH", table, i))
            else:
                pieces.append((addr, size, flags))
            if not flags & NEXT:
                return Chain(head, count, pieces)
            at = after

    def next_packed(self, memory):
        pieces, count = [], 0
        while True:
            flags, = self.get(self.desc, 16 * self.taken + 14, "H")
            if count == 0 and (bool(flags & AVAIL) != self.wrap_taken
                               or bool(flags & USED) == self.wrap_taken):
                return None
            # Only what is read after the flags is surely what they speak of.
            addr, size, ident = self.get(self.desc, 16 * self.taken, "QIH")
            count += 1
            if flags & INDIRECT:
                table = memory.read(addr, size)
                for i in range(0, size, 16):
                    addr, size_, _, flags_ = struct.unpack_from("<QIHH", table, i)
                    pieces.append((addr, size_, flags_))
            else:
                pieces.append((addr, size, flags))
            self.taken += 1
            if self.taken == self.size:
                self.taken, self.wrap_taken = 0, not self.wrap_taken
            if not flags & NEXT:
                return Chain(ident, count, pieces)

    def give_back(self, ident, written, count=1, flags=None):
        """Returns what has that id; packed: with flags that are not the right ones."""
        if self.packed:
            if flags is None:
                flags = (AVAIL | USED if self.wrap_returned else 0) | (WRITE if written else 0)
            self.put(self.desc, 16 * self.returned + 8, "IH", written & 0xffffffff, ident & 0xffff)
            self.put_index(self.desc, 16 * self.returned + 14, flags)
            self.returned += count
            if self.returned >= self.size:
                self.returned -= self.size
                self.wrap_returned = not self.wrap_returned
            return
        at = 4 + 8 * (self.returned % self.size)
        self.put(self.device, at, "II", ident & 0xffffffff, written & 0xffffffff)
        self.returned = self.returned + 1 & 0xffff
        self.put_index(self.device, 2, self.returned)

    def interrupt(self):
        if self.call is not None:
            os.write(self.call, struct.pack("<Q", 1))


class Device(threading.Thread):
    """Listens at (path), and serves whoever connects until that goes away."""

    features = F_VERSION_1 | F_INDIRECT_DESC | F_EVENT_IDX
    protocol = PROTOCOL_MQ | PROTOCOL_REPLY_ACK | PROTOCOL_CONFIG
    config = bytes(256)
    comes_back = False  # after `gone`, which ends a connection
    gone = False

    def __init__(self, path, packed=False):
        super().__init__(daemon=True)
        self.offered = self.features | F_PROTOCOL_FEATURES | (F_RING_PACKED if packed else 0)
        self.accepted = 0
        self.memory = None
        self.queues = {}
        self.fault = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)

    def serve(self, queue, chain):
        """Does a request, and returns how many bytes were written; None: does not return it."""
        raise NotImplementedError

    def give_back(self, queue, chain, written):
        queue.give_back(chain.ident, written, chain.count)

    def run(self):
        try:
            self.one_connection()
            if self.comes_back:
                self.memory, self.queues = None, {}
                self.one_connection()
        except (OSError, ValueError, struct.error) as error:
            self.fault = error
        finally:
            self.listener.close()

    def one_connection(self):
        self.connection, _ = self.listener.accept()
        with self.connection:
            while self.turn():
                pass

    def turn(self):
        kicks = {q.kick: q for q in self.queues.values() if q.kick is not None}
        ready, _, _ = select.select([self.connection, *kicks], [], [])
        for fd in ready:
            if fd in kicks:
                os.read(fd, 8)
                self.look(kicks[fd])
        if self.gone:
            self.gone = False
            return False
        return self.connection not in ready or self.message()

    def look(self, queue):
        if queue.desc is None or self.memory is None:
            return
        while (chain := queue.next(self.memory)) is not None:
            written = self.serve(queue, chain)
            if written is not None:
                self.give_back(queue, chain, written)
                queue.interrupt()

    def queue(self, number):
        return self.queues.setdefault(number, Queue(number))

    def receive(self):
        header, ancillary, _, _ = self.connection.recvmsg(12, 1024)
        if len(header) < 12:
            return None
        fds = array.array("i")
        for _, _, data in ancillary:
            fds.frombytes(data[:len(data) // 4 * 4])
        request, flags, size = struct.unpack("<III", header)
        payload = b""
        while len(payload) < size:
            payload += self.connection.recv(size - len(payload))
        return request, flags, payload, list(fds)

    def message(self):
        received = self.receive()
        if received is None:
            return False
        request, flags, payload, fds = received
        reply = self.answer(request, payload, fds)
        if reply is None and flags & NEED_REPLY:
            reply = struct.pack("<Q", 0)
        if reply is not None:
            self.connection.sendall(struct.pack("<III", request, VERSION | REPLY, len(reply)) + reply)
        return True

    def answer(self, request, payload, fds):
        if request == GET_FEATURES:
            return struct.pack("<Q", self.offered)
        if request == GET_PROTOCOL_FEATURES:
            return struct.pack("<Q", self.protocol)
        if request == GET_QUEUE_NUM:
            return struct.pack("<Q", 1)
        if request == GET_CONFIG:
            offset, size, flags = struct.unpack_from("<III", payload)
            return payload[:12] + self.config[offset:offset + size]
        if request == SET_FEATURES:
            self.accepted, = struct.unpack("<Q", payload)
        elif request == SET_MEM_TABLE:
            self.memory = Memory(payload, fds)
        elif request in (SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR):
            self.set_fd(request, struct.unpack("<Q", payload)[0], fds)
        elif SET_VRING_NUM <= request <= GET_VRING_BASE:
            return self.set_queue(request, payload)
        return None

    def set_fd(self, request, word, fds):
        queue, fd = self.queue(word & 0xff), fds[0] if fds else None
        if request == SET_VRING_KICK:
            queue.kick = fd
        elif request == SET_VRING_CALL:
            queue.call = fd

    def set_queue(self, request, payload):
        queue = self.queue(struct.unpack_from("<I", payload)[0])
        value, = struct.unpack_from("<I", payload, 4)
        if request == SET_VRING_NUM:
            queue.size = value
        elif request == SET_VRING_BASE:
            queue.packed = bool(self.accepted & F_RING_PACKED)
            if queue.packed:
                queue.taken, queue.wrap_taken = value & 0x7fff, bool(value & 0x8000)
                queue.returned, queue.wrap_returned = value >> 16 & 0x7fff, bool(value >> 31)
            else:
                queue.taken = queue.returned = value & 0xffff
        elif request == SET_VRING_ADDR:
            desc, device, driver = struct.unpack_from("<QQQ", payload, 8)
            queue.desc, queue.driver, queue.device = (self.memory.user(a)
                                                      for a in (desc, driver, device))
        elif request == GET_VRING_BASE:
            queue.kick = None
            if queue.packed:
                value = queue.taken | queue.wrap_taken << 15
                value |= (queue.returned | queue.wrap_returned << 15) << 16
            else:
                value = queue.taken
            return struct.pack("<II", queue.number, value)
        return None
