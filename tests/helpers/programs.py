"""Programs that pip does not bring along: a test that needs one is skipped, but never in CI."""

import os
from pathlib import Path

import pytest

MUST_BE_THERE = "PPI_RATIO_REQUIRE_PROGRAMS"  # set by .ci/run


def needs(program: Path | str | None, *, remedy: str) -> pytest.MarkDecorator:
    """Skip where the program is missing, or fail there if every program must be there.

    The failure comes when the tests are collected: no test of that file can pass unseen.
    """
    if program is None and os.environ.get(MUST_BE_THERE):
        pytest.fail(f"{MUST_BE_THERE} is set, and a program is missing: {remedy}", pytrace=False)
    return pytest.mark.skipif(program is None, reason=f"a program is missing: {remedy}")
