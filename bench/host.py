# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# What a bench needs of the machine: two network namespaces, one of the client and one of nginx, a
# veth pair between them, a tap in the client's for the unikernel; processes that are surely ended.

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time

GUEST, PEER = "10.91.0.2", "10.91.1.2"
GUEST_OPTIONS = ["--ipv4=10.91.0.2/24", "--ipv4-gateway=10.91.0.1"]
WWW = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                   "examples", "http", "www")


def namespaces():
    return os.geteuid() == 0 and shutil.which("ip") is not None


def missing(*programs):
    """Why a bench with these programs cannot run, or nothing."""
    if not namespaces():
        return "needs root, for network namespaces"
    absent = [p for p in programs if shutil.which(p) is None]
    return f"install {' '.join(absent)}" if absent else None


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


class Process:
    """A server that ends with the block it is used in."""

    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL)

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

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for name in (self.client, self.server):
                run("ip", "netns", "add", name)
                stack.callback(run, "ip", "netns", "del", name)
                self.within(name, "ip", "link", "set", "lo", "up")
                # Whatever the host prefers, both ends use the same congestion control.
                self.within(name, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")
            self.within(self.client, "ip", "link", "add", "veth", "type", "veth", "peer", "name",
                        "veth", "netns", self.server)
            self.within(self.client, "ip", "tuntap", "add", "tap0", "mode", "tap")
            for name, device, address in ((self.client, "tap0", "10.91.0.1/24"),
                                          (self.client, "veth", "10.91.1.1/24"),
                                          (self.server, "veth", "10.91.1.2/24")):
                self.within(name, "ip", "addr", "add", address, "dev", device)
                self.within(name, "ip", "link", "set", device, "up")
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def inside(self, name, argv, pin=None):
        taskset = ["taskset", "-c", str(pin)] if pin is not None else []
        return ["ip", "netns", "exec", name] + taskset + list(argv)

    def within(self, name, *argv):
        run(*self.inside(name, argv))

    @staticmethod
    def command(tender, image, *options):
        return [tender, *options, "--net:service=tap0", image, *GUEST_OPTIONS]

    def guest(self, tender, image, *options, pin=None):
        return Process(self.inside(self.client, self.command(tender, image, *options), pin))

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

    def wrk(self, address, connections, seconds=3):
        out = subprocess.run(self.inside(self.client, [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://{address}/"], pin=1),
            check=True, capture_output=True, text=True).stdout
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


class Nginx:
    """nginx with one worker and the same pages, set up but not started."""

    CONFIG = """
daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    types {{ text/html html; text/css css; image/svg+xml svg; }}
    open_file_cache max=100;
    server {{ listen 80 backlog=4096; root {root}; }}
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
