# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What a bench needs of the machine: two network namespaces, one of the client and one of the peers, a
# veth pair between them, a tap in the client's for the unikernel; processes that are surely ended.

import contextlib
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time

from settings import CLIENT_CORE, TOP

GUEST, PEER = "10.91.0.2", "10.91.1.2"
HOST, HOST_SIDE = "10.91.0.1", "10.91.1.1"  # as the guest and as the peers see the client
GUEST_OPTIONS = ["--ipv4=10.91.0.2/24", "--ipv4-gateway=10.91.0.1"]
WWW = os.path.join(TOP, "examples", "http", "www")

# Whatever the host prefers, both ends use the same congestion control; and thousands of connections
# need ports, and room while they are opened at once.
SYSCTLS = ("net.ipv4.tcp_congestion_control=reno", "net.ipv4.ip_local_port_range=1024 65000",
           "net.core.somaxconn=8192", "net.ipv4.tcp_max_syn_backlog=8192")
OPEN_FILES = 20000
TAP_QUEUE = "5000"  # packets: more than there are connections with something to say at once


def namespaces():
    return os.geteuid() == 0 and shutil.which("ip") is not None


def missing(*programs):
    """Why a bench with these programs cannot run, or nothing."""
    if not namespaces():
        return "needs root, for network namespaces"
    absent = [p for p in programs if shutil.which(p) is None]
    return f"install {' '.join(absent)}" if absent else None


def allow_open_files():
    """What thousands of connections take, for this program and all that it starts."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        hard = max(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        pass


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


class Process:
    """A server that ends with the block it is used in."""

    def __init__(self, argv, stderr=None):
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def resident(self):
        """KiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

    def cpu_ns(self):
        with open(f"/proc/{self.process.pid}/schedstat") as stat:
            return int(stat.read().split()[0])


class Link:
    """The two namespaces; names are this process's own."""

    def __init__(self):
        self.client, self.server = f"qc{os.getpid()}", f"qs{os.getpid()}"
        self.near = self.client  # where the tap is

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for name in dict.fromkeys((self.client, self.server, self.near)):
                run("ip", "netns", "add", name)
                stack.callback(run, "ip", "netns", "del", name)
                self.within(name, "ip", "link", "set", "lo", "up")
                self.within(name, "sysctl", "-qw", *SYSCTLS)
            self.join(self.near, f"{HOST_SIDE}/24", "veth", self.server, f"{PEER}/24")
            self.add_tap("tap0", f"{HOST}/24")
            self.set_up()
            self.stack = stack.pop_all()
        return self

    def set_up(self):
        """What a kind of link has beside the others."""

    def __exit__(self, *_):
        self.stack.close()

    def inside(self, name, argv, pin=None):
        taskset = ["taskset", "-c", str(pin)] if pin is not None else []
        return ["ip", "netns", "exec", name] + taskset + list(argv)

    def within(self, name, *argv):
        run(*self.inside(name, argv))

    def add_address(self, name, device, address):
        self.within(name, "ip", "addr", "add", address, "dev", device)
        self.within(name, "ip", "link", "set", device, "up")

    def join(self, name, address, device, other, other_address):
        """A veth pair between two namespaces."""
        self.within(name, "ip", "link", "add", device, "type", "veth", "peer", "name", device,
                    "netns", other)
        self.add_address(name, device, address)
        self.add_address(other, device, other_address)

    def add_tap(self, device, address):
        """(address) is the host's own, with the length of the prefix."""
        self.within(self.near, "ip", "tuntap", "add", device, "mode", "tap")
        self.within(self.near, "ip", "link", "set", device, "txqueuelen", TAP_QUEUE)
        self.add_address(self.near, device, address)

    def client_output(self, *argv, check=True, core=CLIENT_CORE):
        """What a program prints that runs in the client's namespace, on the client's core."""
        return subprocess.run(self.inside(self.client, argv, core), check=check,
                              capture_output=True, text=True).stdout

    @staticmethod
    def command(tender, image, *options):
        return [tender, *options, "--net:service=tap0", image, *GUEST_OPTIONS]

    def guest(self, tender, image, *options, pin=None):
        return Process(self.inside(self.near, self.command(tender, image, *options), pin))

    def wait_for_answer(self, port, address=GUEST):
        for _ in range(100):
            if subprocess.run(self.inside(self.client, [
                    "curl", "-s", "-o", "/dev/null", "-m", "1", f"http://{address}:{port}/"]),
                    check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit(f"bench: {address}: no answer on port {port}")

    def first_answer(self, tool, address, command):
        netns = "-" if address == GUEST else self.server
        argv = self.inside(self.client, [tool, netns, address, "80", *command])
        return int(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)

class LossyLink(Link):
    """One with a router between the client and both servers, and between the client and the router a
    wire that takes packets of the MTU only, and loses some each way where they arrive: what a
    sender's own host drops it knows of, so that would not be loss."""

    RULES = """table netdev loss {{
    chain arrival {{
        type filter hook ingress device "wire" priority 0
        numgen random mod 1000 < {} drop
    }}
}}
"""

    def __init__(self, percent):
        super().__init__()
        self.near, self.percent = f"qr{os.getpid()}", percent

    def set_up(self):
        self.within(self.near, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.join(self.near, "10.91.2.1/24", "wire", self.client, "10.91.2.2/24")
        self.within(self.client, "ip", "route", "add", "default", "via", "10.91.2.1")
        self.within(self.server, "ip", "route", "add", "default", "via", HOST_SIDE)
        for name in (self.near, self.client):
            self.within(name, "ip", "link", "set", "wire", "gso_max_segs", "1")
            self.within(name, "nft", self.RULES.format(int(10 * self.percent)))


class Nginx:
    """nginx with one worker and the same pages, set up but not started."""

    CONFIG = """
daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 10000; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    types {{ text/html html; text/css css; image/svg+xml svg; }}
    open_file_cache max=100;
    server {{ listen 80 backlog=8192; root {root}; }}
}}
"""

    def __init__(self, link):
        self.link = link

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        with open(os.path.join(self.dir.name, "nginx.conf"), "w") as config:
            config.write(self.CONFIG.format(dir=self.dir.name, root=self.root()))
        return self

    def __exit__(self, *_):
        self.dir.cleanup()

    def root(self):
        # A worker that is not root has to be able to read the pages.
        root = os.path.join(self.dir.name, "www")
        shutil.copytree(WWW, root)
        os.chmod(self.dir.name, 0o755)
        return root

    def command(self):
        return [shutil.which("nginx"), "-c", os.path.join(self.dir.name, "nginx.conf")]

    @contextlib.contextmanager
    def running(self, pin=None):
        with Process(self.link.inside(self.link.server, self.command(), pin)) as process:
            self.link.wait_for_answer(80, PEER)
            yield process
