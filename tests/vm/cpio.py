# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# Writes cpio archives in the form that Linux takes as an initramfs: "newc" of
# Documentation/driver-api/early-userspace/buffer-format. Every file belongs to
# root and is dated 0, so equal contents give equal archives.

import os
import stat


class Writer:
    """An archive being written to FILE; several archives may follow one another."""

    def __init__(self, file):
        self.out = file
        self.inode = 0

    def member(self, name, mode, data=b"", device=(0, 0)):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0)
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        self.out.write(header + encoded + bytes(-(len(header) + len(encoded)) % 4))
        self.out.write(data + bytes(-len(data) % 4))

    def folder(self, name, mode=0o755):
        self.member(name, stat.S_IFDIR | mode)

    def link(self, name, target):
        self.member(name, stat.S_IFLNK | 0o777, target.encode())

    def data(self, name, data, mode=0o644):
        self.member(name, stat.S_IFREG | mode, data)

    def file(self, name, path, mode=None):
        with open(path, "rb") as file:
            permissions = os.fstat(file.fileno()).st_mode & 0o777 if mode is None else mode
            self.data(name, file.read(), permissions)

    def end(self):
        self.member("TRAILER!!!", 0)
        self.out.write(bytes(-self.out.tell() % 512))
