"""Shared by the benchmarks: seconds of several jobs side by side, peak memory, the machine."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from ppi_ratio.io.atomic import replacing

KB = 1024


def seconds(
    jobs: Mapping[str, Callable[[], object]], *, rounds: int = 3, warm_up: bool = True
) -> dict[str, float]:
    """Shortest time of each job; jobs take turns, so that a busy moment affects all of them.

    A first round that compiles and fills caches is not timed, unless ``warm_up`` is off.
    """
    if warm_up:
        for job in jobs.values():
            job()
    times = {name: float("inf") for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            times[name] = min(times[name], time.perf_counter() - began)
    return times


def run_alone(words: Sequence[str], *, times: int = 1) -> dict[str, float]:
    """Wall seconds and peak GB of a command in its own process, for the fastest of several runs.

    Raises:
        RuntimeError: if the command fails.
    """
    watcher = (
        "import resource, subprocess, sys, time; began = time.perf_counter();"
        "code = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode;"
        "print(time.perf_counter() - began,"
        " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    found = []
    for _ in range(times):
        done = subprocess.run(
            [sys.executable, "-c", watcher, *words], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
        found.append([float(word) for word in done.stdout.split()])
    wall, peak = min(found)
    return {"seconds": wall, "peak_gb": peak * KB / 1e9}


def machine() -> dict[str, str | int]:
    """What ran the benchmark."""
    model = platform.processor()
    about = Path("/proc/cpuinfo")
    if about.exists():
        lines = about.read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def write_results(found: Mapping[str, Any], path: Path) -> None:
    """Write results as JSON, with a description of the machine."""
    with replacing(path) as partial:
        text = json.dumps({"machine": machine(), **found}, indent=2)
        partial.write_text(text + "\n", encoding="utf-8")
