"""A screen -> a sorted table of its hits, part by part, resumed after a kill."""

import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError
from ppi_ratio.io.lock import locked
from ppi_ratio.io.tables import appending, check_appendable, separator_of
from ppi_ratio.jobs import Job
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.screening import Screen, ScreenOptions
from ppi_ratio.model.tables import LOG_RATIO, PAIR_CLASS, PROBABILITY
from ppi_ratio.pairs import LEFT, RIGHT, PairTable
from ppi_ratio.runtime.progress import rate_bar
from ppi_ratio.runtime.sharding import Shard, shard_paths
from ppi_ratio.search import Hits, chunks, merged
from ppi_ratio.search.hits import CHUNK_ROWS

TYPES = {
    LEFT: "string",
    RIGHT: "string",
    LOG_RATIO: "float32",
    PROBABILITY: "float32",
    PAIR_CLASS: "string",
}


@dataclass(frozen=True)
class ScreenSummary:
    """What a screen did.

    Attributes:
        path: the table.
        n_pairs: pairs searched in this call; pairs of an interrupted call before do not count.
        n_hits: rows of the table.
        seconds: time of the search, without reading and writing.
        largest_error: between the products that found the hits of all parts and their scores, in
            nats; 0 unless the precision is "bf16".
    """

    path: Path
    n_pairs: int
    n_hits: int
    seconds: float
    largest_error: float


def screen_file(
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
    r"""Write the highest-scoring pairs to a table, highest first.

    Hits are found part by part, each a range of lefts. Interrupt the call and give it again: it
    resumes with the first part that is missing, with identical results.

    Args:
        model: what scores.
        vectors: from the encoder that the model was trained on.
        out: ``.parquet``, ``.tsv`` or ``.csv``; each of several shards writes a table of its own.
        left: ids to find partners for; every protein of ``vectors`` if not given.
        right: ids to look among; every protein if not given. Of several spellings of one protein
            the first counts; the table names it so, or by accession where no ids were given.
        known: pairs to leave out.
        options: what to look for and how.
        shard: the part of the lefts that this process screens; all if not given.
        progress: show a bar on standard error.

    Raises:
        InputError: if an id has no vector.
        ProvenanceError: if the vectors are of another encoder, or the unfinished work beside
            ``out`` is another screen's.
        ConfigError: if ``out`` has no suffix of a table, or the precision does not suit the critic.
        InUseError: if another process is writing ``out``.
        OutputError: if ``out`` cannot be written; finished parts are kept.

    Examples:
        >>> import pandas as pd
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> few_epochs = pr.TrainerSettings(max_epochs=5)
        >>> model = pr.fit(pairs, vectors, trainer=few_epochs, progress=False)
        >>> best = pr.ScreenOptions(top_k=2)
        >>> done = pr.screen_file(model, vectors, "hits.tsv", options=best, progress=False)
        >>> done.n_pairs, done.n_hits  # 90 proteins against 90; two hits each
        (8100, 180)
        >>> list(pd.read_csv("hits.tsv", sep="\t"))
        ['left', 'right', 'log_ratio', 'probability', 'pair_class']
    """
    options, shard = options or ScreenOptions(), shard or Shard()
    path = shard.path(Path(out))
    check_appendable(path)
    screen = Screen.plan(
        model, vectors, left=left, right=right, known=known, options=options, shard=shard
    )
    n_hits, began = 0, time.monotonic()
    job = Job(path, screen.identity(shard))
    with job.open():
        parts = range(len(screen.parts))
        missing = [number for number in parts if _part(number) not in job]
        n_pairs = screen.n_pairs(missing)
        if missing:
            with rate_bar("screening", "pairs", total=n_pairs, shown=progress) as advance:
                for number, hits, error in screen.search(missing, advance):
                    _keep(job, number, hits, error)
        seconds = time.monotonic() - began
        largest_error = max((_read_error(job, number) for number in parts), default=0.0)
        with job.publishing() as result, appending(result, TYPES) as append:
            for hits in merged([chunks(_read_hits(job, number)) for number in parts]):
                table = model.hit_table(
                    vectors, screen.lefts, screen.rights, hits, prior=options.prior
                )
                append(table)
                n_hits += len(hits)
    return ScreenSummary(path, n_pairs, n_hits, seconds, largest_error)


def merge_screens(out: Path | str) -> int:
    """Merge the tables that several shards wrote, and remove them; the number of rows.

    Raises:
        InputError: if a shard's table is missing.
    """
    out = Path(out)
    paths = shard_paths(out)
    n_hits = 0
    with locked(out):
        with appending(out, TYPES) as append:
            for rows in merged([_table_chunks(path) for path in paths]):
                append(pd.DataFrame.from_records(rows))
                n_hits += len(rows)
        for path in paths:
            path.unlink()
    return n_hits


def _part(number: int) -> str:
    return f"part-{number:05d}.npy"


def _keep(job: Job, number: int, hits: Hits, error: float) -> None:
    """A part is finished once its hits are there; its error is written before."""
    for step, values in ((_error(number), np.array(error)), (_part(number), hits)):
        with job.add(step) as partial, partial.open("wb") as file:
            np.save(file, values)


def _error(number: int) -> str:
    return f"error-{number:05d}.npy"


def _read_error(job: Job, number: int) -> float:
    return float(np.load(job.read(_error(number)), allow_pickle=False))


def _read_hits(job: Job, number: int) -> Hits:
    """Mapped from its file, so that not all parts are in memory at once."""
    return np.load(job.read(_part(number)), mmap_mode="r", allow_pickle=False)


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
