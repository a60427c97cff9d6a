"""Ctrl-C at any moment -> a command that stops."""

import _thread
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SOON = 0.01  # seconds, in which the tidying up has ended


@contextmanager
def no_stop_lost() -> Iterator[None]:
    """Python drops a Ctrl-C that comes while it tidies up an object; here it comes again."""
    before = sys.unraisablehook

    def stop_again(ignored: "sys.UnraisableHookArgs") -> None:
        if ignored.exc_type is not KeyboardInterrupt:
            before(ignored)
            return
        again = threading.Timer(SOON, _thread.interrupt_main)
        again.daemon = True
        again.start()

    sys.unraisablehook = stop_again
    try:
        yield
    finally:
        sys.unraisablehook = before
