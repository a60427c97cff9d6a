"""A long job -> a progress bar on standard error: share done, rate and time left."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

SECONDS_BEFORE_BAR = 2.0
MILLION = 1e6

Item = TypeVar("Item")


class Advance(Protocol):
    """Moves a progress bar on."""

    def __call__(self, n: int, /, *, title: str | None = None) -> None:
        """Report ``n`` further units as finished; ``title`` replaces the title of the bar."""


class _Rate(ProgressColumn):
    """Units per second, or the number of finished units if they have no name."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        if not self.unit:
            total = "?" if task.total is None else f"{task.total:,.0f}"
            return Text(f"{task.completed:,.0f}/{total}")
        speed = task.speed or 0.0
        shown = f"{speed / MILLION:,.1f} million" if speed >= MILLION else f"{speed:,.0f}"
        return Text(f"{shown} {self.unit}/s" if speed else "")


@contextmanager
def rate_bar(
    title: str, unit: str = "", *, total: int | None, done: int = 0, shown: bool = True
) -> Iterator[Advance]:
    """Show a progress bar once a job has run for ``SECONDS_BEFORE_BAR``.

    Args:
        title: text at the left of the bar.
        unit: name of the units in the rate; without it the bar shows how many are finished.
        total: number of units, if it is known.
        done: units that an earlier run has finished.
        shown: False for no bar at all.

    Yields:
        A function to call with the number of units just finished.
    """
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        _Rate(unit),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
    )
    task = bar.add_task(title, total=total, completed=done)
    began = time.monotonic()

    def advance(n: int, /, *, title: str | None = None) -> None:
        bar.update(task, advance=n, description=title)
        if time.monotonic() - began > SECONDS_BEFORE_BAR:
            bar.start()

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()


def tracked(items: Sequence[Item], title: str, *, shown: bool = True) -> Iterator[Item]:
    """Iterate over ``items`` behind a progress bar; see ``rate_bar``."""
    with rate_bar(title, total=len(items), shown=shown) as advance:
        for item in items:
            yield item
            advance(1)
