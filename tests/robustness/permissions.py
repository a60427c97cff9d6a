"""Giving up the superuser's right to read and write anything."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

CAPABILITY_VERSION, BEYOND_PERMISSION = 0x20080522, 0b110  # to write and to read what one may not


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


@contextmanager
def as_anybody() -> Iterator[None]:
    """Permissions count, even for the superuser: without the right to pass over them.

    Where that cannot be given up, as on other systems than Linux, the test is skipped.
    """
    if os.geteuid():
        yield
        return
    try:
        library = ctypes.CDLL(None, use_errno=True)
        header = _Header(CAPABILITY_VERSION, 0)
        held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; low then high bits
        assert library.capget(ctypes.byref(header), held) == 0
    except (AttributeError, OSError):
        pytest.skip("the superuser may do anything here; run as another user")
    fewer = (ctypes.c_uint32 * 6)(*held)
    fewer[0] &= ~BEYOND_PERMISSION
    assert library.capset(ctypes.byref(header), fewer) == 0
    try:
        yield
    finally:
        assert library.capset(ctypes.byref(header), held) == 0
