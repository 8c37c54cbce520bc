"""Certificates of clients: asked for, and taken whoever signed them, because only their fingerprint means something.

Python's ssl takes no certificate that it cannot verify and has no way to say otherwise; OpenSSL has one, so it is told
directly. Where that is not possible clients are not asked, and log in by other means.
"""

import _ssl
import ctypes
import hashlib
import logging
import ssl
import sys

_log = logging.getLogger(__name__)


# Takes any chain; it must outlive every context that calls it.
_accept = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda _chain, _argument: 1)


def ask_for_any(context: ssl.SSLContext) -> bool:
    """Ask clients for a certificate, which they need not have, and take any; tell whether that is possible here."""
    if sys.implementation.name != "cpython":
        return False
    try:
        library = ctypes.CDLL(_ssl.__file__)
        set_callback, get_mode = library.SSL_CTX_set_cert_verify_callback, library.SSL_CTX_get_verify_mode
    except (AttributeError, OSError):
        _log.info("clients are not asked for certificates: OpenSSL cannot be reached from this Python")
        return False
    set_callback.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    set_callback.restype = None
    get_mode.argtypes = [ctypes.c_void_p]
    get_mode.restype = ctypes.c_int
    # The first member of CPython's object is OpenSSL's.
    native = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
    before = get_mode(native)
    context.verify_mode = ssl.CERT_OPTIONAL
    if (before, get_mode(native)) != (int(ssl.CERT_NONE), int(ssl.CERT_OPTIONAL)):
        context.verify_mode = ssl.CERT_NONE
        return False
    set_callback(native, ctypes.cast(_accept, ctypes.c_void_p), None)
    return True


def fingerprint(tls: ssl.SSLObject | None) -> str | None:
    """Return the SHA-256 of the client's certificate in lower-case hex, None without one."""
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    return hashlib.sha256(certificate).hexdigest() if certificate else None
