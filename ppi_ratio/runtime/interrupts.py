"""Ctrl-C at any moment -> KeyboardInterrupt in the main thread."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RETRY_SECONDS = 0.01  # until then, the destructor has ended


@contextmanager
def ctrl_c_always_stops() -> Iterator[None]:
    """Repeat a Ctrl-C that Python would ignore.

    Python only reports a Ctrl-C that arrives while a destructor runs, and goes on. In this block
    such a Ctrl-C is sent again, so that the program stops.
    """
    before, main = sys.unraisablehook, threading.main_thread()

    def stop_again(ignored: "sys.UnraisableHookArgs") -> None:
        if ignored.exc_type is not KeyboardInterrupt:
            before(ignored)
            return
        # The signal goes to the main thread, so that a blocking call there is interrupted.
        again = threading.Timer(RETRY_SECONDS, signal.pthread_kill, (main.ident, signal.SIGINT))
        again.daemon = True
        again.start()

    sys.unraisablehook = stop_again
    try:
        yield
    finally:
        sys.unraisablehook = before
