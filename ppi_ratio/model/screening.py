"""A model and vectors -> a sorted table of the highest-scoring pairs, however many.

Hits are found part by part, each a range of lefts, and kept in a folder beside the table until
all are there; then the sorted parts are merged into it. Killed at any moment, the same call goes
on with the first part that is missing.
"""

import json
import math
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError, InputError, StageError
from ppi_ratio.io.atomic import PARTIAL, check_no_link, claimed, naming_full_disk, replacing
from ppi_ratio.io.tables import appending, separator_of
from ppi_ratio.model.ratio_model import (
    DEFAULT_PRIOR,
    LOG_RATIO,
    PAIR_CLASS,
    PROBABILITY,
    RatioModel,
)
from ppi_ratio.model.sides import Side
from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.runtime.devices import Device, choose_device
from ppi_ratio.runtime.progress import rate_bar
from ppi_ratio.runtime.sharding import Shard, shard_paths
from ppi_ratio.search import Hits, Searcher, chunks, merged, searcher
from ppi_ratio.search.hits import CHUNK_ROWS
from ppi_ratio.search.searching import TILE_LEFTS

PAIRS_PER_PART = 2**27
LEFTS_STEP = TILE_LEFTS  # a part is a multiple of it, so that no tile is cut
JOB_FILE, UNFINISHED = "job.json", ".unfinished"
TYPES = {
    LEFT: "string",
    RIGHT: "string",
    LOG_RATIO: "float32",
    PROBABILITY: "float32",
    PAIR_CLASS: "string",
}

ScreenPrecision = Literal["fp32", "tf32", "bf16"]


@dataclass(frozen=True)
class ScreenOptions:
    """What to look for and how.

    Attributes:
        top_k: partners of each left, at most; None for all above ``min_log_ratio``.
        min_log_ratio: log ratio of a hit, at least, in nats.
        prior: share of interactions among the pairs asked about, for ``probability``.
        precision: of the products that find the hits; hits of "bf16" are scored again in fp32.
        device: where to multiply.
        threads: on a CPU; as many as PyTorch would use if not given.
    """

    top_k: int | None = 100
    min_log_ratio: float | None = None
    prior: float = DEFAULT_PRIOR
    precision: ScreenPrecision = "fp32"
    device: Device = "auto"
    threads: int | None = None


@dataclass(frozen=True)
class ScreenSummary:
    """What a screen did.

    Attributes:
        path: the table.
        n_pairs: pairs looked at in this call; those of an earlier, killed one do not count.
        n_hits: rows of the table.
        seconds: of looking; reading and writing not counted.
        largest_error: between the products that found hits and their scores, in nats; 0 unless
            the precision is "bf16".
    """

    path: Path
    n_pairs: int
    n_hits: int
    seconds: float
    largest_error: float


def run_screen(
    model: RatioModel,
    vectors: Embeddings,
    out: Path | str,
    *,
    left: Sequence[str] | None = None,
    right: Sequence[str] | None = None,
    known: PairTable | None = None,
    options: ScreenOptions | None = None,
    shard: Shard | None = None,
    progress: bool = True,
) -> ScreenSummary:
    """Write the highest-scoring pairs to a table, highest first.

    Args:
        model: what scores.
        vectors: from the encoder that the model was trained on.
        out: ``.parquet``, ``.tsv`` or ``.csv``; of several shards each writes one of its own.
        left: ids to find partners for; every protein of ``vectors`` if not given.
        right: ids to look among; every protein if not given. Of several spellings of one protein
            the first counts; the table names it so, or by accession where no ids were given.
        known: pairs to leave out.
        options: what to look for and how.
        shard: the share of the lefts that this process does; all if not given.
        progress: show a bar on standard error.

    Raises:
        KeyError: if an id has no vector.
        StageError: if the vectors are of another encoder, or the folder beside ``out`` holds the
            parts of another screen.
        ConfigError: if ``out`` has no suffix of a table, or the precision does not suit the critic.
        ValueError: if neither ``top_k`` nor ``min_log_ratio`` is given.
        InUseError: if another process is writing ``out``.
        OutputError: if ``out`` cannot be written; finished parts are kept.
    """
    options, shard = options or ScreenOptions(), shard or Shard()
    path = shard.path(Path(out))
    model.check_prior(options.prior)
    model.check_vectors(vectors)
    lefts, rights = (Side.of(vectors, ids) for ids in (left, right))
    left_rows, right_rows = lefts.rows, rights.rows
    wanted = model.wanted(left_rows, right_rows, top_k=options.top_k, lowest=options.min_log_ratio)
    device = _device(model, options)
    identity = _identity(model, vectors, left_rows, right_rows, known, options, shard)
    own = _shard_lefts(len(left_rows), shard, upper=wanted.upper)
    ranges = list(_part_ranges(own, len(right_rows)))
    largest_error, n_hits, began = 0.0, 0, time.monotonic()
    work = path.with_name(path.name + UNFINISHED)
    with claimed(path, work=work), naming_full_disk(path):
        parts = _Parts(work, identity)
        missing = [number for number in range(len(ranges)) if number not in parts]
        n_pairs = sum(len(ranges[number]) for number in missing) * len(right_rows)
        if missing:
            grid = model.grid(
                vectors,
                left_rows,
                right_rows,
                known=known,
                coarse=options.precision == "bf16",
                device=device,
            )
            with (
                _products_as(options.precision),
                searcher(grid, wanted, threads=options.threads) as searching,
                rate_bar("screening", "pairs", total=n_pairs, shown=progress) as advance,
            ):
                for number in missing:
                    parts.add(number, _search_part(searching, ranges[number], advance))
                largest_error = searching.largest_error
        seconds = time.monotonic() - began
        with appending(path, TYPES) as append:
            for hits in merged([chunks(parts.read(number)) for number in range(len(ranges))]):
                append(model.hit_table(vectors, lefts, rights, hits, prior=options.prior))
                n_hits += len(hits)
        parts.remove()
    return ScreenSummary(path, n_pairs, n_hits, seconds, largest_error)


def merge_screens(out: Path | str) -> int:
    """Make one table of those that several shards wrote, and remove theirs; the number of rows.

    Raises:
        InputError: if a shard's table is missing.
    """
    out = Path(out)
    paths = shard_paths(out)
    n_hits = 0
    with claimed(out):
        with appending(out, TYPES) as append:
            for rows in merged([_table_chunks(path) for path in paths]):
                append(pd.DataFrame.from_records(rows))
                n_hits += len(rows)
        for path in paths:
            path.unlink()
    return n_hits


def _search_part(searching: Searcher, lefts: range, advance: Callable[[int], None]) -> Hits:
    n_rights = searching.grid.shape[1]
    return searching.best(lefts, lambda n_lefts: advance(n_lefts * n_rights))


def _table_chunks(path: Path) -> Iterator[np.ndarray]:
    """Rows of a written table, some at a time.

    Raises:
        InputError: if it is damaged, or no such table.
    """
    try:
        for frame in _frames(path):
            yield frame.to_records(index=False)
    except (ValueError, OSError) as error:  # those of Arrow and of pandas' parser among them
        raise InputError(
            f"{path}: no table of hits that can be read ({error}); remove it and screen its shard "
            "again"
        ) from error


def _frames(path: Path) -> Iterator[pd.DataFrame]:
    """The same as frames, with the columns that a screen writes."""
    if path.suffix == ".parquet":
        from pyarrow.parquet import ParquetFile

        with ParquetFile(path) as file:
            _check_columns(file.schema_arrow.names)
            for batch in file.iter_batches(CHUNK_ROWS):
                yield batch.to_pandas()
        return
    _check_columns(list(pd.read_csv(path, sep=separator_of(path), nrows=0)))
    types: dict[Hashable, Any] = {
        name: str if kind == "string" else np.float32 for name, kind in TYPES.items()
    }
    with pd.read_csv(
        path, sep=separator_of(path), dtype=types, keep_default_na=False, chunksize=CHUNK_ROWS
    ) as reader:
        yield from reader


def _check_columns(found: Sequence[str]) -> None:
    if list(found) != list(TYPES):
        raise ValueError(f"its columns are {', '.join(found)}")


def _device(model: RatioModel, options: ScreenOptions) -> torch.device:
    """Where to multiply, if the critic can be multiplied as asked."""
    device = choose_device(options.device)
    if options.precision == "bf16" and model.card.critic.name == "mlp":
        raise ConfigError(
            "precision bf16: an mlp critic has no matrix product between proteins; use fp32"
        )
    return device


@contextmanager
def _products_as(precision: ScreenPrecision) -> Iterator[None]:
    """TF32 where asked for: on a GPU three decimal digits of each factor count."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _shard_lefts(n_lefts: int, shard: Shard, *, upper: bool) -> range:
    """Consecutive lefts; where only later rights count, early ones have more of them.

    Cut where a search of the whole cuts its tiles: products of other shapes are rounded otherwise.
    """
    n_blocks = -(-n_lefts // LEFTS_STEP)
    blocks = shard.bounds(n_blocks)
    if upper:
        ends = (shard.number / shard.count, (shard.number + 1) / shard.count)
        blocks = range(*(round(n_blocks * (1 - math.sqrt(1 - share))) for share in ends))
    return range(blocks.start * LEFTS_STEP, min(blocks.stop * LEFTS_STEP, n_lefts))


def _part_ranges(lefts: range, n_rights: int) -> Iterator[range]:
    step = max(1, PAIRS_PER_PART // max(1, n_rights) // LEFTS_STEP) * LEFTS_STEP
    for start in range(lefts.start, lefts.stop, step):
        yield range(start, min(start + step, lefts.stop))


def _identity(
    model: RatioModel,
    vectors: Embeddings,
    left_rows: np.ndarray,
    right_rows: np.ndarray,
    known: PairTable | None,
    options: ScreenOptions,
    shard: Shard,
) -> dict[str, str]:
    """What makes two screens the same one; threads, device and prior change no hit."""
    same = np.array_equal(left_rows, right_rows)
    left = vectors.content_hash(left_rows)
    return {
        "model": model.content_hash(),
        "left": left,
        "right": left if same else vectors.content_hash(right_rows),
        "known": known.content_hash() if known is not None else "",
        "wanted": f"{options.top_k} {options.min_log_ratio} {options.precision}",
        "shard": f"{shard.number}/{shard.count}",
    }


class _Parts:
    """Finished parts in a folder of their own; each comes into being by a rename."""

    def __init__(self, folder: Path, identity: Mapping[str, str]) -> None:
        """Open the folder, or make it.

        Raises:
            StageError: if it holds the parts of another screen.
            InputError: if it is a link.
        """
        check_no_link(folder)
        self.folder = folder
        text = json.dumps(identity, indent=2) + "\n"
        job = folder / JOB_FILE
        if job.exists() and job.read_text(encoding="utf-8", errors="replace") != text:
            raise StageError(
                f"{folder}: holds the parts of another screen; give that one's own options to "
                "finish it, or delete the folder"
            )
        with replacing(job) as partial:
            partial.write_text(text, encoding="utf-8")

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self._path(number).exists()

    def add(self, number: int, hits: Hits) -> None:
        with replacing(self._path(number)) as partial, partial.open("wb") as file:
            np.save(file, hits)

    def read(self, number: int) -> Hits:
        """Mapped from its file, so that not all parts are in memory at once."""
        path = self._path(number)
        return np.load(path, mmap_mode="r", allow_pickle=False)

    def remove(self) -> None:
        """Delete what this class wrote, the job last, then the folder."""
        for path in [*self.folder.glob("part-*.npy"), *self.folder.glob(f"*{PARTIAL}")]:
            path.unlink()
        (self.folder / JOB_FILE).unlink()
        self.folder.rmdir()

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}.npy"
