"""What is asked of the kernel about a socket."""

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys
import termios

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
"""Seconds of silence before the first probe, seconds between probes, and how many may go unanswered."""


def prepare(sock: socket.socket) -> None:
    """Make a client's socket send small pieces at once and notice a client that vanished."""
    sock.setblocking(False)  # noqa: FBT003 - the library's way
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, number in _KEEPALIVE:
        if option := getattr(socket, name, None):
            sock.setsockopt(socket.IPPROTO_TCP, option, number)


def outstanding(sock: socket.socket) -> int:
    """Return the bytes that the other kernel has not acknowledged (SIOCOUTQ; 0 where there is no such question)."""
    if sys.platform != "linux" or sock.fileno() < 0:
        return 0
    answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))
    (size,) = struct.unpack("i", answer)
    return int(size)


def is_broken(sock: socket.socket) -> bool:
    """Tell whether the other end reset the connection, even after it had ended it."""
    return sock.fileno() < 0 or sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def ending(sock: socket.socket) -> socket.socket | None:
    """Return a second handle on the socket, on which its end can be awaited after the first is closed."""
    return sock.dup() if sock.fileno() >= 0 else None


async def ends_properly(handle: socket.socket | None, seconds: float) -> bool:
    """End our side on a handle whose socket is otherwise closed, wait for the other's end, and close the handle.

    False when the other end resets the connection, or does not end it in time.
    """
    if handle is None:
        return False
    loop = asyncio.get_running_loop()
    try:
        with contextlib.suppress(OSError):  # the other end may be gone altogether
            handle.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(seconds):
            while await loop.sock_recv(handle, 4096):
                pass
    except (OSError, TimeoutError):
        return False
    finally:
        handle.close()
    return True
