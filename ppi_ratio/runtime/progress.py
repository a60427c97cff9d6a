"""A bar for long jobs on standard error: how far, how fast, how long to go."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

SECONDS_BEFORE_BAR = 2.0
MILLION = 1e6


class _Rate(ProgressColumn):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        speed = task.speed or 0.0
        shown = f"{speed / MILLION:,.1f} million" if speed >= MILLION else f"{speed:,.0f}"
        return Text(f"{shown} {self.unit}/s" if speed else "")


@contextmanager
def rate_bar(
    title: str, unit: str, *, total: int, done: int = 0, shown: bool = True
) -> Iterator[Callable[[int], None]]:
    """Yields what to call with the number of units just finished.

    The bar appears only once a job has taken ``SECONDS_BEFORE_BAR``.
    """
    bar = Progress(
        TextColumn(title),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        _Rate(unit),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
    )
    task = bar.add_task(title, total=total, completed=done)
    began = time.monotonic()

    def advance(n: int) -> None:
        bar.advance(task, n)
        if time.monotonic() - began > SECONDS_BEFORE_BAR:
            bar.start()

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def count_bar(
    title: str, *, total: int, done: int = 0, shown: bool = True
) -> Iterator[Callable[[str], None]]:
    """Yields what to call with the name of the unit just finished, one of ``total``."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
    )
    with bar:
        task = bar.add_task(title, total=total, completed=done)
        yield lambda name: bar.update(task, advance=1, description=f"{title}: {name}")
        bar.update(task, description=title)
