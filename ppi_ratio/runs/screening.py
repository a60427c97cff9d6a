"""A screen -> a sorted table of its hits, found part by part; resumes after a kill."""

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
from ppi_ratio.jobs import Job, check_shards
from ppi_ratio.model.probability import Rule
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
        n_pairs: pairs searched in this call, without those of an interrupted call before it.
        n_hits: rows of the table.
        seconds: time of the search, without reading and writing.
        largest_error: largest difference between the bfloat16 and the float32 log ratio of a hit,
            in nats; 0 unless the precision is "bf16".
        rule: how probabilities follow from log ratios.
        n_certain: hits of probability 1, which a prior that is too high gives.
    """

    path: Path
    n_pairs: int
    n_hits: int
    seconds: float
    largest_error: float
    rule: Rule
    n_certain: int


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

    Hits are found part by part; a part is a range of left proteins. Interrupt the call and repeat
    it: it resumes with the first part that is missing, with identical results.

    Args:
        model: the model that scores.
        vectors: vectors of the encoder that the model was trained on.
        out: ``.parquet``, ``.tsv`` or ``.csv``; each of several shards writes a table of its own.
        left: ids to find partners for; every protein of ``vectors`` if not given.
        right: ids to look among; every protein if not given. If several ids name one protein, the
            first is used. The table names proteins by these ids, or by accession if no ids were
            given.
        known: pairs to leave out.
        options: which hits to keep, and how to search.
        shard: the part of the lefts that this process screens; all if not given.
        progress: show a bar on standard error.

    Raises:
        InputError: if an id has no vector.
        ProvenanceError: if the vectors are of another encoder, or the unfinished work beside
            ``out`` is another screen's.
        ConfigError: if ``out`` has none of these suffixes, or the precision does not suit the
            critic.
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
    n_hits, n_certain, began = 0, 0, time.monotonic()
    job = Job(path, screen.identity(shard))
    with job.open():
        parts = range(len(screen.parts))
        missing = [number for number in parts if _hits_file(number) not in job]
        n_pairs = screen.n_pairs(missing)
        if missing:
            with rate_bar("screening", "pairs", total=n_pairs, shown=progress) as advance:
                for number, hits, error in screen.search(missing, advance):
                    _store(job, number, hits, error)
        seconds = time.monotonic() - began
        largest_error = max((_read_error(job, number) for number in parts), default=0.0)
        whole = screen.identity(Shard()) | {"prior": options.prior, "shards": shard.count}
        whole = whole if shard.count > 1 else None
        with job.publishing(shard_of=whole) as result, appending(result, TYPES) as append:
            for hits in merged([chunks(_read_hits(job, number)) for number in parts]):
                table = model.hit_table(
                    vectors, screen.lefts, screen.rights, hits, rule=screen.rule
                )
                append(table)
                n_hits += len(hits)
                n_certain += int((table[PROBABILITY] == 1).to_numpy().sum())
    rule = Rule(options.prior, noise_is_all_pairs=model.card.noise.is_all_pairs)
    return ScreenSummary(path, n_pairs, n_hits, seconds, largest_error, rule, n_certain)


def merge_screens(out: Path | str) -> int:
    """Merge the tables of several shards and remove them; returns the number of rows.

    Raises:
        InputError: if a shard's table is missing.
        ProvenanceError: if the shards are of different screens; names the setting that differs.
    """
    out = Path(out)
    paths = shard_paths(out)
    records = check_shards(paths)
    n_hits = 0
    with locked(out):
        with appending(out, TYPES) as append:
            for rows in merged([_table_chunks(path) for path in paths]):
                append(pd.DataFrame.from_records(rows))
                n_hits += len(rows)
        for path in (*paths, *records):
            path.unlink()
    return n_hits


def _hits_file(number: int) -> str:
    return f"part-{number:05d}.npy"


def _error_file(number: int) -> str:
    return f"error-{number:05d}.npy"


def _store(job: Job, number: int, hits: Hits, error: float) -> None:
    """Store the error of a part, and then its hits: a part with a file of hits is finished."""
    for step, values in ((_error_file(number), np.array(error)), (_hits_file(number), hits)):
        with job.add(step) as partial, partial.open("wb") as file:
            np.save(file, values)


def _read_error(job: Job, number: int) -> float:
    return float(np.load(job.read(_error_file(number)), allow_pickle=False))


def _read_hits(job: Job, number: int) -> Hits:
    """The hits of a part, mapped from the file, so that not all parts are in memory at once."""
    return np.load(job.read(_hits_file(number)), mmap_mode="r", allow_pickle=False)


def _table_chunks(path: Path) -> Iterator[np.ndarray]:
    """Rows of a written table, some at a time.

    Raises:
        InputError: if the file is damaged, or is not a table that a screen wrote.
    """
    try:
        for frame in _frames(path):
            yield frame.to_records(index=False)
    except (ValueError, OSError) as error:  # includes the errors of Arrow and of pandas' parser
        raise InputError(
            f"{path}: no table of hits that can be read ({error}); remove it and screen its shard "
            "again"
        ) from error


def _frames(path: Path) -> Iterator[pd.DataFrame]:
    """A table in frames of some rows each; its columns must be those that a screen writes."""
    if path.suffix == ".parquet":
        from pyarrow.parquet import ParquetFile

        with ParquetFile(path) as file:
            _check_columns(file.schema_arrow.names)
            for batch in file.iter_batches(CHUNK_ROWS):
                yield batch.to_pandas()
        return
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 1, 0))
        if file.read() != b"\n":
            raise ValueError("its last line has no end")
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
