"""Ctrl-C where Python would drop it, and other errors that it ignores."""

import signal
import sys
import time

import pytest

from ppi_ratio.runtime.interrupts import ctrl_c_always_stops

PATIENCE = 30.0  # seconds


class Stopping:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


class Failing:
    def __del__(self) -> None:
        raise ValueError("while it is tidied up")


def test_a_stop_while_an_object_is_tidied_up_is_not_lost() -> None:
    def be_stopped() -> None:
        Stopping()
        time.sleep(PATIENCE)

    began = time.monotonic()
    with ctrl_c_always_stops(), pytest.raises(KeyboardInterrupt):
        be_stopped()
    assert time.monotonic() - began < PATIENCE


def test_other_errors_are_told_of_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[sys.UnraisableHookArgs] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with ctrl_c_always_stops():
        Failing()
    assert [each.exc_type for each in told] == [ValueError]
    assert sys.unraisablehook == told.append
