# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# A small HTTP client that sends what it is told, right or wrong, and reads
# exactly one answer after another.

import json
import socket
import time

TIMEOUT_S = 10


class Answer:
    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields  # lower-case names
        self.body = body


class Closed(Exception):
    """The server ended the connection instead of answering."""


class Client:
    def __init__(self, server, timeout=TIMEOUT_S):
        self.socket = socket.create_connection(server, timeout)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed(f"after {self.rest[:100]!r}")
        self.rest += data

    def read(self, has_body=True):
        """The next answer; (has_body) is false for one to HEAD."""
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        if version != "HTTP/1.1":
            raise ValueError(f"status line {lines[0]!r}")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = int(fields.get("content-length", 0)) if has_body and status != "304" else 0
        while len(self.rest) < length:
            self.more()
        body, self.rest = self.rest[:length], self.rest[length:]
        return Answer(int(status), fields, body)

    def at_end(self):
        """Whether the server has closed, or closes before the time-out, with nothing more to say."""
        try:
            return self.rest == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return self.rest == b""


def request(path, method="GET", *fields):
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def get(server, path="/", timeout=TIMEOUT_S):
    """One request on a connection that the client closes, so that TIME_WAIT is the client's too."""
    with Client(server, timeout) as client:
        client.send(request(path))
        return client.read()


def status(server):
    return json.loads(get(server, "/status.json").body)


def answers(server):
    """Whether the server answers at all, for waiting."""
    try:
        return get(server, timeout=1).status == 200
    except (OSError, Closed):
        time.sleep(0.02)
        return False
