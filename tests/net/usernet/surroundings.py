# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What the tests of solo5-usernet stand on: a network namespace of its own where one can be made,
# servers on the host's side of it, and runs of the program.

import ctypes
import fcntl
import os
import queue
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
USERNET = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else TOP + "/build/bin/solo5-usernet")
REFUSING = TOP + "/build/tests/nouring"
GUEST = os.path.join(HERE, "guest.py")
WORD = "--net:service=@FD"
PATIENCE_S = 10

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

libc = ctypes.CDLL(None, use_errno=True)
TESTS = []
scratch = tempfile.TemporaryDirectory(prefix="usernet-test-")


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def enter_namespaces():
    """Own network with nothing but loopback, own view of the file system. Says if that worked."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNET | CLONE_NEWNS | (0 if uid == 0 else CLONE_NEWUSER)
    if libc.unshare(flags) != 0:
        return False
    if uid != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                           ("gid_map", f"0 {gid} 1")):
            with open("/proc/self/" + name, "w", encoding="ascii") as file:
                file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", 0)
        current = struct.unpack("16sh14x", fcntl.ioctl(sock, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", current | IFF_UP))
    return True


def bind_mount(source, target):
    if libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        return False
    return libc.mount(source.encode(), target.encode(), None, MS_BIND, None) == 0


ISOLATED = enter_namespaces()
# A program built with the sanitizers cannot look for leaks from within the sandbox.
os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    """A server on the host's loopback for the guest to reach: sends back what comes, once."""

    def __init__(self, kind, address="127.0.0.1", port=0, answer=lambda data: b"host says " + data):
        self.sock = socket.socket(socket.AF_INET, kind)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        self.port = self.sock.getsockname()[1]
        self.answer = answer
        if kind == socket.SOCK_STREAM:
            self.sock.listen()
        threading.Thread(target=self.stream if kind == socket.SOCK_STREAM else self.datagram,
                         daemon=True).start()

    def stream(self):
        while True:
            peer, _ = self.sock.accept()
            with peer:
                peer.sendall(self.answer(peer.recv(1000)))

    def datagram(self):
        while True:
            data, peer = self.sock.recvfrom(2000)
            self.sock.sendto(self.answer(data), peer)


class Run:
    """A running solo5-usernet; its lines are read as they come."""

    def __init__(self, options, tender, prefix=(), **more):
        command = [*prefix, USERNET, *options, "--", *tender]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, **more)
        self.lines = queue.Queue()
        self.seen = []
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=self.read, args=(stream,), daemon=True).start()

    def read(self, stream):
        for line in stream:
            self.lines.put(line.rstrip("\n"))

    def line(self, start, patience=PATIENCE_S):
        """The first line not yet taken that starts so."""
        for line in self.seen:
            if line.startswith(start):
                self.seen.remove(line)
                return line
        deadline = time.monotonic() + patience
        while True:
            try:
                line = self.lines.get(timeout=max(deadline - time.monotonic(), 0.001))
            except queue.Empty:
                raise AssertionError(f"no line {start!r}; there were {self.seen}") from None
            if line.startswith(start):
                return line
            self.seen.append(line)

    def status(self, patience=PATIENCE_S):
        return self.process.wait(patience)

    def tender(self):
        """The process number of the tender."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def guest(options, *steps, nets=(WORD,), **more):
    return Run(options, [sys.executable, GUEST, *steps, *nets], **more)


def shell(script, options=(), **more):
    """A tender that is a shell script; the network's word becomes its $0."""
    return Run(options, ["sh", "-c", script, WORD], **more)


def refused(arguments):
    """What solo5-usernet says when it refuses to start."""
    done = subprocess.run([USERNET, *arguments], capture_output=True, text=True, timeout=PATIENCE_S,
                          check=False)
    expect(done.returncode == 1, f"{arguments}: status {done.returncode}, {done.stderr}")
    expect(done.stdout == "", f"{arguments}: wrote {done.stdout!r}")
    lines = done.stderr.splitlines()
    expect(len(lines) == 1 and lines[0].startswith("solo5-usernet: "), f"{arguments}: {lines}")
    return lines[0][len("solo5-usernet: "):]


def ask(port, text, patience=PATIENCE_S):
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as sock:
        sock.sendall(text)
        return sock.makefile("rb").readline()


def ask_udp(port, data, patience=PATIENCE_S):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(patience)
        sock.sendto(data, ("127.0.0.1", port))
        return sock.recv(2000)
