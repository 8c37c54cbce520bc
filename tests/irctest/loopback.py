"""A network of this process alone: nothing but loopback, so that a run can reach nobody and nobody can reach it."""

import ctypes
import fcntl
import os
import socket
import struct

NEW_USER = 0x10000000
NEW_NETWORK = 0x40000000
GET_FLAGS = 0x8913
SET_FLAGS = 0x8914
UP = 0x1


def isolate() -> bool:
    """Move this process, and all that it starts, into a network with loopback only; False where that may not be done.

    See unshare(2) and netdevice(7).
    """
    library = ctypes.CDLL(None, use_errno=True)
    flags = NEW_NETWORK if os.geteuid() == 0 else NEW_NETWORK | NEW_USER
    if not hasattr(library, "unshare") or library.unshare(flags) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (current,) = struct.unpack_from("h", fcntl.ioctl(control, GET_FLAGS, request), 16)
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh14x", b"lo", current | UP))
    return True
