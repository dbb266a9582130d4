# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What the network tests share: TAP output, a network namespace of their own,
# and guests in it, over a tap or over solo5-usernet.
#
# The namespace has no name and dies with the last process in it, so nothing is
# left behind, whatever happens. It needs root, or user namespaces.

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)

HOST_ADDRESS, GUEST_ADDRESS, PREFIX_LEN = "10.0.0.1", "10.0.0.2", 24
FORWARDED = 8000  # the host's port of a guest's port N is FORWARDED + N


class Skip(Exception):
    """The reason why a test cannot run here."""


class Tests:
    """Runs functions as tests and prints TAP. One that fails does not stop the others."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def report(self, ok, name):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)

    def run(self, name, function, *arguments):
        try:
            function(*arguments)
        except Skip as reason:
            self.report(True, f"{name} # SKIP {reason}")
            return True
        except Exception as fault:
            self.report(False, name)
            where = traceback.extract_tb(fault.__traceback__)[-1]
            note(f"{type(fault).__name__}: {fault} (line {where.lineno}: {where.line})")
            return False
        self.report(True, name)
        return True

    def end(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def run_links(links, more_links=()):
    """The main program of a suite: runs what the command line names, or all of (links)."""
    known = {**links, **dict(more_links)}
    tests = Tests()
    enter_namespace()
    for link in sys.argv[1:] or links:
        begin = time.monotonic()
        try:
            known[link](tests)
        except Skip as reason:
            tests.report(True, f"{link} # SKIP {reason}")
        except Exception as fault:
            tests.report(False, f"{link}: {type(fault).__name__}: {fault}")
        note(f"{link}: {time.monotonic() - begin:.1f} s")
    tests.end()


def note(text):
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def built(*names):
    """The paths of built files; a test that needs one that is not built is skipped."""
    paths = [os.path.join(BUILD, name) for name in names]
    for path in paths:
        if not os.path.exists(path):
            raise Skip(f"{os.path.relpath(path, TOP)} is not built")
    return paths


def need(*commands):
    for command in commands:
        if shutil.which(command) is None:
            raise Skip(f"{command} is not installed")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def wait_until(condition, seconds, what):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(0.02)


def enter_namespace():
    """Moves this process, and all it starts, to an empty network."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if uid == 0 else CLONE_NEWUSER | CLONE_NEWNET
    if LIBC.unshare(flags) != 0:
        skip_all(f"no network namespace: {os.strerror(ctypes.get_errno())}; needs root")
    if uid != 0:
        for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{file}", "w", encoding="ascii") as out:
                out.write(text)
    if shutil.which("ip") is None:
        skip_all("ip is not installed (iproute2)")
    run("ip", "link", "set", "lo", "up")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))


def add_tap(name):
    if not os.path.exists("/dev/net/tun"):
        raise Skip("there is no /dev/net/tun")
    run("ip", "tuntap", "add", name, "mode", "tap")
    quiet = f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6"  # or the host talks by itself
    if os.path.exists(quiet):
        with open(quiet, "w", encoding="ascii") as out:
            out.write("1")
    run("ip", "addr", "add", f"{HOST_ADDRESS}/{PREFIX_LEN}", "dev", name)
    run("ip", "link", "set", name, "up")


def delete_tap(name):
    run("ip", "link", "del", name)


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Guest:
    """A program that serves: started by (command), at (address), its ports moved by (offset)."""

    def __init__(self, command, address, offset=0):
        self.address = address
        self.offset = offset
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=subprocess.STDOUT, preexec_fn=die_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            note(f"the guest, {self.state()}, said:\n{self.said()[-2000:]}")
        self.stop()

    def port(self, number):
        return self.address, number + self.offset

    def said(self):
        return os.pread(self.output.fileno(), 1 << 20, 0).decode("utf-8", "replace")

    def state(self):
        status = self.process.poll()
        return "running" if status is None else f"ended with status {status}"

    def is_alive(self):
        return self.process.poll() is None

    def wait_for(self, text, seconds=10):
        wait_until(lambda: text in self.said() or not self.is_alive(), seconds, f"guest says {text!r}")
        expect(text in self.said(), f"the guest {self.state()} and said: {self.said()}")

    def stop(self):
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.output.close()

    def cpu_ns(self):
        """The time that the process has run; for a process of one thread."""
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as stat:
            return int(stat.read().split()[0])

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmRSS:")).split()[1])


def tap_guest(name, *arguments, target="spt", tap="tap0", mem=16, static=True):
    """The example (name) on the tap, which must be there."""
    tender, image = built(f"bin/solo5-{target}", f"examples/{name}.{target}")
    fixed = [f"--ipv4={GUEST_ADDRESS}/{PREFIX_LEN}"] if static else []
    return Guest([tender, f"--mem={mem}", f"--net:service={tap}", image, *fixed, *arguments], GUEST_ADDRESS)


def usernet_guest(name, forwards, *arguments, mem=16):
    """The example (name) behind solo5-usernet; (forwards) are its ports: "80", "7/udp"."""
    usernet, tender, image = built("bin/solo5-usernet", "bin/solo5-spt", f"examples/{name}.spt")
    options = []
    for forward in forwards:
        port, slash, protocol = forward.partition("/")
        options += ["-p", f"{FORWARDED + int(port)}:{port}{slash}{protocol}"]
    return Guest([usernet, *options, "--", tender, f"--mem={mem}", "--net:service=@FD", image, *arguments],
                 "127.0.0.1", FORWARDED)


def native_guest(name, port):
    """The same program built for Linux."""
    program, = built(f"tests/{name}-native")
    return Guest([program, f"--port={FORWARDED + port}"], "127.0.0.1", FORWARDED)
