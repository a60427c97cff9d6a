"""Commands killed at random moments and run again -> wrong results and files left behind.

    python benchmarks/kill_soak.py --results benchmarks/results/kill_soak.json

The commands embed, train, compare and screen run on random data that this script makes. Each runs
once undisturbed. Then it is killed with SIGKILL and run again, up to five times, before it may end.
A kill hits the whole process group or, sometimes, only the first process. Half of the kills come at
a random time, and half when the command opens, renames or removes a file. In the end all output is
compared with the undisturbed run byte by byte, except for the date of a comparison.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from measuring import write_results
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

# the tests kill the same commands, a few times each
TESTS = Path(__file__).parents[1] / "tests"
sys.path += [str(TESTS / folder) for folder in ("helpers", "robustness")]
from killed_jobs import JOBS, Sizes  # pyright: ignore[reportMissingImports]
from killing import (  # pyright: ignore[reportMissingImports]
    CommandServer,
    Survived,
    run_undisturbed,
    soak,
)

SIZES = Sizes(sequences=120, epochs=25, compared_epochs=5, screened=16_000)
AT_ONCE = 2
KILLS_PER_FINISH = 5
FEWER = {"compare, two workers": 5}  # whose start takes most of their time: a part of the kills
SHARED_MEMORY = Path("/dev/shm")
COLUMNS = ("kills", "finishes", "mismatches", "failures", "debris", "orphans")


def main(
    results: Annotated[Path, typer.Option(help="JSON to write.")],
    kills: Annotated[int, typer.Option(help="Kills that each command must survive.")] = 50,
    minutes: Annotated[float, typer.Option(help="Wall time, about, at most.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Seed of the moments.")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Commands; all if not given.")] = None,
) -> None:
    """Kill all commands, two at a time; print and write the findings."""
    began = time.monotonic()
    names = only or list(JOBS)
    os.environ["OMP_NUM_THREADS"] = "1"
    console = Console(stderr=True)
    with _progress(console) as bar, ThreadPoolExecutor(AT_ONCE) as pool:

        def kill(name: str) -> Survived:
            wanted = -(-kills // FEWER.get(name, 1))
            task = bar.add_task(name, total=wanted)
            rng = np.random.default_rng([seed, list(JOBS).index(name)])
            with (
                tempfile.TemporaryDirectory(prefix="kill_soak_") as folder,
                tempfile.TemporaryDirectory(prefix="kill_soak_", dir=_other_disk()) as temporary,
            ):
                (Path(folder) / "inputs").mkdir()
                job = JOBS[name](Path(folder) / "inputs", SIZES)
                server = CommandServer(Path(temporary))
                until = began + 60 * minutes
                try:
                    if time.monotonic() > until:
                        return Survived(out_of_time=True)
                    return soak(
                        server,
                        job,
                        run_undisturbed(server, job, Path(folder)),
                        Path(folder),
                        kills=wanted,
                        kills_per_finish=KILLS_PER_FINISH,
                        rng=rng,
                        until=until,
                        progress=lambda done: bar.update(task, completed=done),
                    )
                finally:
                    server.close()

        found = dict(zip(names, pool.map(kill, names), strict=True))
    about = {"seed": seed, "kills_asked_for": kills, "minutes_allowed": minutes}
    rows = {name: asdict(each) for name, each in found.items()}
    write_results({**about, "seconds": time.monotonic() - began, "commands": rows}, results)
    _show(found)
    raise typer.Exit(any(each.faults for each in found.values()))


def _other_disk() -> Path | None:
    """A folder for temporary files on another file system, as on many clusters: renames copy."""
    return SHARED_MEMORY if SHARED_MEMORY.is_dir() else None


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _show(found: dict[str, Survived]) -> None:
    table = Table("command", *COLUMNS, "seconds")
    for name, each in found.items():
        counts = [str(getattr(each, column)) for column in COLUMNS]
        table.add_row(name, *counts, f"{each.seconds:.0f}")
    console = Console()
    console.print(table)
    for name, each in found.items():
        if each.out_of_time:
            console.print(f"{name}: time ran out after {each.kills} kills")
        for line in each.evidence:
            console.print(f"{name}: {line}", markup=False)


if __name__ == "__main__":
    typer.run(main)
