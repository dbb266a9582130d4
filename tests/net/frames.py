# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Ethernet frames by hand: good ones, and every way to make a bad one that we
# could think of. What is random comes from a fixed seed: a failure repeats.

import os
import random
import re
import select
import socket
import struct
import subprocess
import time

BROADCAST = b"\xff" * 6
SEED = 20260101
ETH_IPV4, ETH_ARP = 0x0800, 0x0806
ICMP, TCP, UDP = 1, 6, 17
FRAME_MAX = 1514


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(source, target, protocol, payload, ident=1, fragment=0, ttl=64, options=b""):
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | words, 0, 4 * words + len(payload), ident, fragment, ttl,
                       protocol, 0, source, target) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def with_sum(source, target, protocol, segment, place):
    """The UDP or TCP segment with its checksum, which stands at (place)."""
    pseudo = source + target + struct.pack("!BBH", 0, protocol, len(segment))
    value = checksum(pseudo + segment[:place] + b"\0\0" + segment[place + 2:])
    return segment[:place] + struct.pack("!H", value) + segment[place + 2:]


def udp(source, target, ports, data):
    head = struct.pack("!HHHH", *ports, 8 + len(data), 0)
    return ipv4(source, target, UDP, with_sum(source, target, UDP, head + data, 6))


def tcp(source, target, ports, flags, seq=0, ack=0, options=b"", data=b"", words=None):
    words = 5 + len(options) // 4 if words is None else words
    head = struct.pack("!HHIIBBHHH", *ports, seq & 0xffffffff, ack & 0xffffffff, words << 4 & 0xf0, flags,
                       65535, 0, 0)
    return ipv4(source, target, TCP, with_sum(source, target, TCP, head + options + data, 16))


def icmp(source, target, kind, data, code=0):
    message = struct.pack("!BBHHH", kind, code, 0, 1, 1) + data
    message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    return ipv4(source, target, ICMP, message)


class Target:
    """Both ends of a link: hardware and network addresses, the guest's port."""

    def __init__(self, host_mac, host, guest_mac, guest, port):
        self.host_mac, self.guest_mac = host_mac, guest_mac
        self.host, self.guest = socket.inet_aton(host), socket.inet_aton(guest)
        self.port = port

    def frame(self, packet, kind=ETH_IPV4):
        return self.guest_mac + self.host_mac + struct.pack("!H", kind) + packet


class Wire:
    """The host's end of a tap, for raw frames."""

    def __init__(self, tap):
        self.tap = tap
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((tap, 0))
        self.mac = self.socket.getsockname()[4]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, frame):
        self.socket.send(frame)

    def receive(self, seconds):
        """The next frame from the guest, or None."""
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            frame, (_, _, kind, _, _) = self.socket.recvfrom(65536)
            if kind != socket.PACKET_OUTGOING:
                return frame
        return None

    def target(self, host, server):
        """The guest that listens at (server); it must have spoken before."""
        neighbours = subprocess.run(["ip", "neigh", "show", server[0], "dev", self.tap], check=True,
                                    capture_output=True, text=True).stdout
        mac = re.search(r"lladdr ([0-9a-f:]{17})", neighbours)
        return Target(self.mac, host, bytes.fromhex(mac.group(1).replace(":", "")), server[0], server[1])


def dropped(tap):
    """How many frames the tap dropped since the guest did not take them in time."""
    output = subprocess.run(["ip", "-s", "link", "show", tap], check=True, capture_output=True,
                            text=True).stdout
    return int(output.splitlines()[-1].split()[3])


def ping(address, size):
    """Whether an echo request with (size) bytes is answered by the same bytes."""
    payload = os.urandom(size)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.settimeout(2)
        message = struct.pack("!BBHHH", 8, 0, 0, 7, size) + payload
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        raw.sendto(message, (address, 0))
        try:
            while True:
                packet = raw.recv(65536)
                if packet[20:22] == b"\0\0" and packet[24:28] == struct.pack("!HH", 7, size):
                    return packet[28:] == payload
        except TimeoutError:
            return False


# ---- Bad frames -----------------------------------------------------------------------------------


def good_packets(t, rng):
    """One packet of each kind that a guest looks into."""
    ports = (rng.randrange(1024, 65536), t.port)
    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    option_mss = b"\x02\x04\x05\xb4\x01\x01\x01\x00"
    return (
        icmp(t.host, t.guest, 8, rng.randbytes(56)),
        icmp(t.host, t.guest, 3, ipv4(t.guest, t.host, TCP, rng.randbytes(8)), code=rng.randrange(16)),
        udp(t.host, t.guest, (rng.randrange(65536), rng.choice((7, 53, 67, 68))), rng.randbytes(100)),
        tcp(t.host, t.guest, ports, 0x02, rng.getrandbits(32), options=option_mss),
        tcp(t.host, t.guest, ports, 0x18, rng.getrandbits(32), rng.getrandbits(32), data=request),
        tcp(t.host, t.guest, ports, 0x11, rng.getrandbits(32), rng.getrandbits(32)),
    )


def bad_random(t, rng):
    return t.frame(rng.randbytes(rng.randrange(0, 1501)), rng.choice((ETH_IPV4, ETH_ARP, rng.randrange(65536))))


def bad_short(t, rng):
    frame = t.frame(rng.choice(good_packets(t, rng)))
    return frame[:rng.randrange(14, len(frame))]


def bad_bits(t, rng):
    packet = bytearray(rng.choice(good_packets(t, rng)))
    for _ in range(rng.randrange(1, 8)):
        packet[rng.randrange(len(packet))] ^= 1 << rng.randrange(8)
    return t.frame(bytes(packet))


def bad_ip_head(t, rng):
    """Header and total length are lies, the checksum is not."""
    packet = bytearray(rng.choice(good_packets(t, rng)))
    packet[0] = rng.choice((0x40, 0x41, 0x44, 0x46, 0x4f, 0x05, 0x65, 0xf5))
    packet[2:4] = struct.pack("!H", rng.choice((0, 19, 20, 21, len(packet) + 1, 1501, 65535)))
    packet[10:12] = b"\0\0"
    packet[10:12] = struct.pack("!H", checksum(bytes(packet[:20])))
    return t.frame(bytes(packet))


def bad_ip_options(t, rng):
    options = bytes((rng.choice((7, 68, 131, 137, rng.randrange(256))), rng.choice((0, 1, 2, 39, 255))))
    options += rng.randbytes(rng.choice((2, 6, 38)))
    return t.frame(ipv4(t.host, t.guest, rng.choice((ICMP, TCP, UDP, 99)), rng.randbytes(40), options=options))


def bad_udp(t, rng):
    length = rng.choice((0, 7, 8, 9, 1000, 65535))
    segment = struct.pack("!HHHH", 1024, rng.choice((7, 68, t.port)), length, rng.choice((0, 1)))
    return t.frame(ipv4(t.host, t.guest, UDP, segment + rng.randbytes(rng.choice((0, 1, 30)))))


def bad_tcp(t, rng):
    """Data offsets, options and flags that cannot be, under a right checksum."""
    options = rng.choice((b"", b"\x02\x00", b"\x02\x03\x00", b"\x03\xff\x00", b"\x05\x02", b"\x08\x0a\x00", b"\x02"))
    options += rng.randbytes(rng.choice((0, 3, 12)))
    return t.frame(tcp(t.host, t.guest, (rng.randrange(65536), t.port), rng.randrange(256), rng.getrandbits(32),
                       rng.getrandbits(32), options, rng.randbytes(rng.choice((0, 1, 100))), rng.randrange(16)))


def bad_addresses(t, rng):
    """From the guest itself, from nobody, from everybody, from and to port 0."""
    source = rng.choice((t.guest, b"\0\0\0\0", b"\xff" * 4, b"\x7f\0\0\1", b"\xe0\0\0\1"))
    ports = (rng.choice((0, t.port)), rng.choice((0, t.port)))
    packet = rng.choice((tcp(source, t.guest, ports, 0x02), udp(source, t.guest, ports, b""),
                         icmp(source, t.guest, 8, b"")))
    return t.frame(packet)


def bad_fragment(t, rng):
    """Overlapping, endless, empty, beyond the largest datagram; none of them ever whole."""
    offset = rng.choice((0, 1, 2, 3, 184, 185, 8190, 8191))
    more = rng.choice((0, 0x2000))
    payload = rng.randbytes(rng.choice((0, 1, 7, 8, 16, 24, 1480)))
    return t.frame(ipv4(t.host, t.guest, rng.choice((ICMP, TCP, UDP)), payload, rng.randrange(8), more | offset))


def bad_arp(t, rng):
    packet = bytearray(struct.pack("!HHBBH6s4s6s4s", 1, ETH_IPV4, 6, 4, rng.choice((0, 1, 2, 3, 65535)),
                                   t.host_mac, t.host, b"\0" * 6, t.guest))
    packet[rng.randrange(8)] ^= rng.randrange(256)
    # Never a valid claim to the host's address: that would rightly be believed.
    packet[14:18] = bytes((192, 0, 2, rng.randrange(256)))
    return t.frame(bytes(packet[:rng.randrange(1, len(packet) + 1)]), ETH_ARP)


def bad_ethernet(t, rng):
    frame = rng.choice((BROADCAST, t.guest_mac, rng.randbytes(6))) + rng.randbytes(8 + rng.randrange(10))
    return frame[:rng.randrange(14, len(frame) + 1)]


BAD = (bad_random, bad_short, bad_bits, bad_ip_head, bad_ip_options, bad_udp, bad_tcp, bad_addresses,
       bad_fragment, bad_arp, bad_ethernet)


def malformed(target, count):
    rng = random.Random(SEED)
    for i in range(count):
        yield BAD[i % len(BAD)](target, rng)[:FRAME_MAX]


# ---- A bad DHCP server ----------------------------------------------------------------------------

MAGIC = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5


def dhcp_request(frame):
    """The kind, transaction and hardware address of a guest's DHCP message; None if it is not one."""
    message = frame[14 + 20 + 8:]
    if frame[12:14] != b"\x08\x00" or frame[23] != UDP or frame[36:38] != b"\0\x43" or message[236:240] != MAGIC:
        return None
    kind = message.find(b"\x35\x01", 240)
    return message[kind + 2], message[4:8], message[28:34]


def dhcp_answer(wire, xid, mac, host, guest, options):
    message = struct.pack("!BBBB4sHH4s4s4s4s16s192s", 2, 1, 6, 0, xid, 0, 0, b"\0" * 4, guest, host, b"\0" * 4,
                          mac.ljust(16, b"\0"), b"") + MAGIC + options
    return mac + wire.mac + struct.pack("!H", ETH_IPV4) + udp(host, guest, (67, 68), message)


def good_options(kind, host):
    return (bytes((53, 1, kind)) + b"\x36\x04" + host + b"\x33\x04\0\0\x0e\x10" + b"\x01\x04\xff\xff\xff\0"
            + b"\x03\x04" + host + b"\xff")


def bad_options(kind, host, rng):
    good = good_options(kind, host)
    way = rng.randrange(5)
    if way == 0:  # cut short
        return good[:rng.randrange(len(good))]
    if way == 1:  # a length beyond the end
        return bytes((53, 1, kind, rng.randrange(1, 255), 255))
    if way == 2:  # lengths that do not fit their options
        return b"".join(bytes((code, length)) + rng.randbytes(length)
                        for code, length in ((53, rng.randrange(3)), (54, 3), (51, 1), (1, 5), (3, 0), (6, 255)))
    if way == 3:  # no end, and the overload that sends the reader elsewhere
        return b"\x34\x01\x03" + good[:-1]
    return rng.randbytes(rng.randrange(400))


def serve_dhcp(wire, host, guest, count):
    """Answers the guest's first request with (count) malformed offers, then leases it (guest)."""
    rng = random.Random(SEED)
    host, guest = socket.inet_aton(host), socket.inet_aton(guest)
    bad_left = count
    end = time.monotonic() + 30
    while time.monotonic() < end:
        asked = dhcp_request(wire.receive(5) or bytes(300))
        if asked is None:
            continue
        kind, xid, mac = asked
        while bad_left > 0:
            bad_left -= 1
            spoilt = bad_options(rng.choice((OFFER, ACK, 6, 0)), host, rng)
            wire.send(dhcp_answer(wire, xid, mac, host, b"\0" * 4, spoilt))
        wire.send(dhcp_answer(wire, xid, mac, host, guest, good_options(OFFER if kind == DISCOVER else ACK, host)))
        if kind == REQUEST:
            return count
    raise AssertionError("the guest did not ask for the lease it was offered")
