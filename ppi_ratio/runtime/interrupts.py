"""Ctrl-C at any moment -> a command that stops."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SOON = 0.01  # seconds, in which the tidying up has ended


@contextmanager
def no_stop_lost() -> Iterator[None]:
    """Python drops a Ctrl-C that comes while it tidies up an object; here it comes again."""
    before, main = sys.unraisablehook, threading.main_thread()

    def stop_again(ignored: "sys.UnraisableHookArgs") -> None:
        if ignored.exc_type is not KeyboardInterrupt:
            before(ignored)
            return
        # to the main thread itself, so that a call in which it waits is interrupted
        again = threading.Timer(SOON, signal.pthread_kill, (main.ident, signal.SIGINT))
        again.daemon = True
        again.start()

    sys.unraisablehook = stop_again
    try:
        yield
    finally:
        sys.unraisablehook = before
