# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Plays a tender with its guest: a network stack just large enough to test
# solo5-usernet, on the descriptor that a word --net:NAME=@FD names.
#
#   guest.py STEP... --net:NAME=@FD...
#
# Each step is a method of Guest whose name starts with step_, with its arguments
# after colons, such as `lease`, `serve:80:7` or `connect:10.0.2.2:8080`. Steps
# run one after another on the first network; `net:1` changes to the second. What
# happens is printed, a line each, for the test to read.

import os
import random
import select
import socket
import struct
import sys
import time

MTU_FRAME = 1514
MSS = 1460
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
WINDOW = 65535


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(src, dst, protocol, payload, ttl=64):
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, ttl, protocol, 0)
    header += src + dst
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def transport_sum(src, dst, protocol, segment):
    return checksum(src + dst + struct.pack("!BBH", 0, protocol, len(segment)) + segment)


def udp(src, dst, sport, dport, data):
    segment = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    total = transport_sum(src, dst, 17, segment) or 0xFFFF
    return ipv4(src, dst, 17, segment[:6] + struct.pack("!H", total) + data)


def tcp(src, dst, sport, dport, seq, ack, flags, data=b"", window=WINDOW):
    options = struct.pack("!BBH", 2, 4, MSS) if flags & SYN else b""
    offset = (20 + len(options)) // 4 << 4
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, offset, flags, window, 0, 0)
    total = transport_sum(src, dst, 6, head + options + data)
    head = head[:16] + struct.pack("!H", total) + head[18:]
    return ipv4(src, dst, 6, head + options + data)


class Connection:
    """One TCP connection of the server; nothing is ever lost on this wire but by a full queue."""

    def __init__(self, peer, peer_port, port, peer_seq):
        self.peer, self.peer_port, self.port = peer, peer_port, port
        self.rcv_next = peer_seq + 1 & 0xFFFFFFFF
        self.snd_una = self.snd_next = 1000
        self.window = 0
        self.established = False
        self.unsent = b""
        self.unacked = b""
        self.closing = False
        self.fin_sent = False
        self.received = b""
        self.sum = self.sum_left = 0


class Guest:
    def __init__(self, fds):
        self.fds = fds
        self.connections = {}
        self.accepted = 0
        self.syns = 0
        self.tcp_port = None
        self.udp_port = None
        self.step_net("0")

    def step_net(self, index):
        self.index = int(index)
        self.sock = socket.socket(fileno=os.dup(self.fds[self.index]))
        self.mac = bytes([2, 0, 0, 0, 0, self.index + 1])
        self.ip = bytes(4)
        self.arp = {}

    # ---- Frames

    def send(self, to, ethertype, payload):
        while True:
            try:
                self.sock.send(to + self.mac + struct.pack("!H", ethertype) + payload)
                return
            except BlockingIOError:
                select.select([], [self.sock], [])

    def send_arp(self, op, mac, ip):
        to = mac if op == 2 else b"\xff" * 6
        self.send(to, 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + self.mac + self.ip +
                  mac + ip)

    def send_ip(self, packet):
        self.send(self.gateway_mac(), 0x0800, packet)

    def gateway_mac(self):
        deadline = time.monotonic() + 5
        while self.gateway not in self.arp:
            if time.monotonic() > deadline:
                raise SystemExit("no answer to ARP")
            self.send_arp(1, bytes(6), self.gateway)
            self.receive(0.5)
        return self.arp[self.gateway]

    def receive(self, timeout):
        """Waits for one frame, does what it asks for, and returns it as (protocol, packet)."""
        if not select.select([self.sock], [], [], max(timeout, 0))[0]:
            return None, None
        frame = self.sock.recv(65536)
        ethertype = struct.unpack("!H", frame[12:14])[0]
        if ethertype == 0x0806:
            self.input_arp(frame[14:])
        if ethertype != 0x0800:
            return None, None
        packet = frame[14:]
        packet = packet[:struct.unpack("!H", packet[2:4])[0]]
        if packet[9] == 6:
            self.input_tcp(packet)
        elif packet[9] == 17:
            self.input_udp(packet)
        return packet[9], packet

    def input_arp(self, arp):
        op = struct.unpack("!H", arp[6:8])[0]
        self.arp[arp[14:18]] = arp[8:14]
        if op == 1 and arp[24:28] == self.ip:
            self.send_arp(2, arp[8:14], arp[14:18])

    def input_udp(self, packet):
        sport, dport = struct.unpack("!HH", packet[20:24])
        if dport == self.udp_port:
            self.send_ip(udp(self.ip, packet[12:16], dport, sport, packet[28:]))

    # ---- A TCP server

    def answer(self, conn):
        """What the server says to what it has received so far: it answers lines."""
        while b"\n" in conn.received and conn.sum_left <= 0:
            line, conn.received = conn.received.split(b"\n", 1)
            word, _, count = line.strip().partition(b" ")
            if word == b"bulk":
                conn.unsent += bytes(range(256)) * (int(count) // 256)
                conn.closing = True
            elif word == b"sum":
                conn.sum_left = int(count)
            else:
                conn.unsent += b"guest says " + line + b"\n"
        if conn.sum_left > 0:
            conn.sum_left -= len(conn.received)
            conn.sum += sum(conn.received)
            conn.received = b""
            if conn.sum_left <= 0:
                conn.unsent += b"%d\n" % conn.sum

    def input_tcp(self, packet):
        header = (packet[0] & 15) * 4
        sport, dport, seq, ack, offset, flags, window = struct.unpack(
            "!HHIIBBH", packet[header:header + 16])
        data = packet[header + (offset >> 4) * 4:]
        peer = packet[12:16]
        if dport != self.tcp_port:
            return
        key = (peer, sport)
        conn = self.connections.get(key)
        if flags & RST:
            self.connections.pop(key, None)
            return
        if flags & SYN:
            self.syns += 1
            conn = Connection(peer, sport, dport, seq)
            self.connections[key] = conn
            self.emit(conn, SYN | ACK)
            conn.snd_next += 1
            return
        if conn is None:
            self.send_ip(tcp(self.ip, peer, dport, sport, ack, 0, RST))
            return
        if not conn.established and flags & ACK:
            conn.established = True
            conn.snd_una = ack
            self.accepted += 1
        if flags & ACK:
            acked = ack - conn.snd_una & 0xFFFFFFFF
            if acked <= len(conn.unacked) + 1:
                conn.unacked = conn.unacked[acked:]
                conn.snd_una = ack
            conn.window = window
        if seq == conn.rcv_next:
            conn.rcv_next = conn.rcv_next + len(data) & 0xFFFFFFFF
            conn.received += data
            if data:
                self.answer(conn)
            if flags & FIN:
                conn.rcv_next = conn.rcv_next + 1 & 0xFFFFFFFF
                conn.closing = True
        if data or flags & FIN:
            self.emit(conn, ACK)
        self.push(conn)

    def emit(self, conn, flags, data=b""):
        self.send_ip(tcp(self.ip, conn.peer, conn.port, conn.peer_port, conn.snd_next,
                         conn.rcv_next, flags, data))

    def push(self, conn):
        while conn.unsent:
            room = min(MSS, conn.window - len(conn.unacked), len(conn.unsent))
            if room <= 0:
                return
            chunk, conn.unsent = conn.unsent[:room], conn.unsent[room:]
            self.emit(conn, ACK | PSH, chunk)
            conn.unacked += chunk
            conn.snd_next = conn.snd_next + len(chunk) & 0xFFFFFFFF
        if conn.closing and not conn.fin_sent:
            self.emit(conn, ACK | FIN)
            conn.snd_next = conn.snd_next + 1 & 0xFFFFFFFF
            conn.fin_sent = True

    # ---- Steps

    def dhcp(self, kind, options):
        message = struct.pack("!BBBBIHH", 1, 1, 6, 0, 0x51515151, 0, 0x8000) + bytes(16)
        message += self.mac + bytes(10 + 192) + b"\x63\x82\x53\x63" + bytes([53, 1, kind])
        message += options + b"\xff"
        packet = udp(bytes(4), b"\xff" * 4, 68, 67, message.ljust(300, b"\0"))
        self.send(b"\xff" * 6, 0x0800, packet)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            protocol, packet = self.receive(deadline - time.monotonic())
            if protocol == 17 and packet[22:24] == b"\0\x44":
                return self.dhcp_options(packet[28:])
        raise SystemExit("no answer to DHCP")

    @staticmethod
    def dhcp_options(message):
        found, rest = {"ip": message[16:20]}, message[240:]
        while rest and rest[0] != 255:
            if rest[0] == 0:
                rest = rest[1:]
                continue
            found[rest[0]] = rest[2:2 + rest[1]]
            rest = rest[2 + rest[1]:]
        return found

    def step_lease(self):
        offer = self.dhcp(1, b"")
        lease = self.dhcp(3, bytes([50, 4]) + offer["ip"] + bytes([54, 4]) + offer[54])
        self.ip, self.gateway, self.dns = lease["ip"], lease[3], lease[6]
        print("lease", *(socket.inet_ntoa(a) for a in (self.ip, lease[1], self.gateway, self.dns)),
              flush=True)

    def step_static(self, ip, gateway):
        self.ip, self.gateway = socket.inet_aton(ip), socket.inet_aton(gateway)

    def step_serve(self, tcp_port, udp_port="7", seconds="20"):
        """Serves for some seconds, however long a step before it took."""
        self.tcp_port, self.udp_port = int(tcp_port), int(udp_port)
        deadline = time.monotonic() + float(seconds)
        print("serving", flush=True)
        while time.monotonic() < deadline:
            self.receive(deadline - time.monotonic())

    def step_counts(self):
        print("syns", min(self.syns, 1), "accepted", self.accepted, flush=True)

    def step_sleep(self, seconds):
        time.sleep(float(seconds))

    def step_exit(self, status):
        raise SystemExit(int(status))

    def step_fds(self):
        numbers = sorted(int(n) for n in os.listdir("/proc/self/fd"))
        modes = [os.get_blocking(fd) for fd in self.fds]
        own = self.sock.fileno()
        extra = [n for n in numbers if n > 2 and n != own and n not in self.fds and alive(n)]
        print("extra", extra, "blocking", modes, flush=True)

    def step_connect(self, host, port, data="hello"):
        """Opens a connection, sends a line, prints what comes until the end."""
        peer, port, sport = socket.inet_aton(host), int(port), 40000 + random.randrange(1000)
        self.send_ip(tcp(self.ip, peer, sport, port, 1, 0, SYN))
        seq, ack, got = 2, None, b""
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            protocol, packet = self.receive(deadline - time.monotonic())
            if protocol != 6 or packet[12:16] != peer or packet[22:24] != struct.pack("!H", sport):
                continue
            theirs, _, offset, flags = struct.unpack("!IIBB", packet[24:34])
            payload = packet[20 + (offset >> 4) * 4:]
            if flags & RST:
                print("connect reset", flush=True)
                return
            if flags & SYN:
                ack = theirs + 1
                text = data.encode() + b"\n"
                self.send_ip(tcp(self.ip, peer, sport, port, seq, ack, ACK | PSH, text))
                seq += len(text)
            elif theirs == ack and (payload or flags & FIN):
                got += payload
                ack += len(payload) + (1 if flags & FIN else 0)
                self.send_ip(tcp(self.ip, peer, sport, port, seq, ack, ACK))
            if flags & FIN:
                print("connect got", got.decode(), flush=True)
                return
        print("connect nothing", flush=True)

    def step_send(self, host, port, data="hello"):
        """Sends a datagram and prints the answer."""
        peer, port, sport = socket.inet_aton(host), int(port), 41000 + random.randrange(1000)
        self.send_ip(udp(self.ip, peer, sport, port, data.encode()))
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            protocol, packet = self.receive(deadline - time.monotonic())
            if protocol == 17 and packet[22:24] == struct.pack("!H", sport):
                print("send got", packet[28:].decode("latin1"), flush=True)
                return
        print("send nothing", flush=True)

    def step_ask(self, name):
        """Asks the name server of the lease for an IPv4 address."""
        labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
        query = struct.pack("!HHHHHH", 0x7171, 0x0100, 1, 0, 0, 0) + labels + b"\0\1\0\1"
        self.send_ip(udp(self.ip, self.dns, 42000, 53, query))
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            protocol, packet = self.receive(deadline - time.monotonic())
            if protocol == 17 and packet[22:24] == struct.pack("!H", 42000):
                print("ask got", socket.inet_ntoa(packet[-4:]), flush=True)
                return
        print("ask nothing", flush=True)

    def step_sockets(self, count):
        """Makes libslirp open that many sockets."""
        for port in range(int(count)):
            self.send_ip(udp(self.ip, self.gateway, 10000 + port, 9, b"x"))
            self.drain()

    def step_malformed(self, count, seed):
        rng = random.Random(int(seed))
        seeds = self.seed_frames()
        for _ in range(int(count)):
            frame = mutate(rng, rng.choice(seeds))
            try:
                self.sock.send(frame)
            except BlockingIOError:
                select.select([], [self.sock], [])
            self.drain()
        print("malformed done", flush=True)

    def drain(self):
        while select.select([self.sock], [], [], 0)[0]:
            self.sock.recv(65536)

    def seed_frames(self):
        peer = self.gateway
        discover = struct.pack("!BBBBIHH", 1, 1, 6, 0, 7, 0, 0) + bytes(16) + self.mac
        discover += bytes(202) + b"\x63\x82\x53\x63\x35\x01\x01\x37\x03\x01\x03\x06\xff"
        tftp = b"\0\1/etc/passwd\0octet\0tsize\0" b"0\0blksize\0" b"512\0"
        icmp = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + bytes(32)
        icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
        packets = [
            udp(bytes(4), b"\xff" * 4, 68, 67, discover),
            udp(self.ip, peer, 2000, 69, tftp),
            udp(self.ip, peer, 2001, 53, bytes(40)),
            udp(self.ip, peer, 2002, 9, bytes(1400)),
            tcp(self.ip, peer, 3000, 9, 1, 0, SYN),
            tcp(self.ip, peer, 80, 1, 1, 2, SYN | ACK),
            tcp(self.ip, peer, 3000, 9, 2, 1, ACK | PSH, bytes(100)),
            tcp(self.ip, peer, 3000, 9, 2, 1, FIN | ACK | 0x20, bytes(10)),
            ipv4(self.ip, peer, 1, icmp),
            ipv4(self.ip, peer, 41, bytes(60)),
        ]
        head = peer[:2] * 3 + self.mac
        frames = [head + b"\x08\x00" + p for p in packets]
        frames.append(b"\xff" * 6 + self.mac + b"\x08\x06" +
                      struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + self.mac + self.ip + bytes(6) + peer)
        frames.append(head + b"\x86\xdd" + bytes([0x60] + [0] * 60))
        frames.append(head + b"\x88\xf8" + bytes([0, 1, 0, 0, 0, 0, 0, 0] * 4))
        # fragments, of which more are to come
        fragment = bytearray(udp(self.ip, peer, 2003, 9, bytes(1000)))
        fragment[6:8] = b"\x20\x00"
        frames.append(head + b"\x08\x00" + refresh(bytes(fragment)))
        fragment[6:8] = b"\x20\x7d"
        frames.append(head + b"\x08\x00" + refresh(bytes(fragment)))
        return frames


def refresh(packet):
    """Gives an IPv4 packet the header checksum that it should have."""
    length = min((packet[0] & 15) * 4, len(packet))
    if length < 20:
        return packet
    header = packet[:10] + b"\0\0" + packet[12:length]
    return packet[:10] + struct.pack("!H", checksum(header)) + packet[12:]


def mutate(rng, frame):
    frame = bytearray(frame)
    for _ in range(rng.choice((0, 1, 1, 2, 4, 16))):
        frame[rng.randrange(12, len(frame))] = rng.choice((0, 1, 4, 0x7F, 0x80, 0xFF,
                                                           rng.randrange(256)))
    if rng.random() < 0.3:
        frame = frame[:rng.randrange(len(frame) + 1)]
    elif rng.random() < 0.1:
        frame += bytes(rng.randrange(3000))
    if len(frame) >= 34 and frame[12:14] == b"\x08\x00" and rng.random() < 0.8:
        frame[14:] = refresh(bytes(frame[14:]))
    return bytes(frame)


def alive(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False


def main(words):
    names = [w for w in words if w.startswith("--net:")]
    guest = Guest([int(w.rsplit("@", 1)[1]) for w in names])
    for word in words:
        if not word.startswith("--net:"):
            step, *arguments = word.split(":")
            getattr(guest, "step_" + step)(*arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
