"""The files that ``screen`` was given -> a table of hits."""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from ppi_ratio.io.tables import check_appendable
from ppi_ratio.io.text_files import read_ids
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.screening import ScreenOptions
from ppi_ratio.model.seen_pairs import spelled_otherwise
from ppi_ratio.model.vectors import vectors_for
from ppi_ratio.pairs import read_pairs
from ppi_ratio.runs.screening import ScreenSummary, screen_file
from ppi_ratio.runtime.sharding import Shard

logger = logging.getLogger(__name__)


def screen_files(
    model: Path,
    embeddings: Sequence[Path],
    encoder: str | None,
    out: Path,
    *,
    left: Path | None,
    right: Path | None,
    known: Path | None,
    columns: str | None,
    match_ids: Collection[str],
    options: ScreenOptions,
    shard: Shard,
) -> ScreenSummary:
    """Read the given files and screen.

    Raises:
        FileNotFoundError: if a file is missing.
        UserError: if a file cannot be read or does not fit, or ``out`` cannot be written to.
    """
    check_appendable(out)
    loaded = RatioModel.load(model)
    vectors = vectors_for(
        loaded, embeddings=embeddings, fasta=None, encoder=encoder, match_ids=match_ids
    )
    if said := spelled_otherwise(loaded, vectors.ids, vectors):
        logger.warning("%s: %s", out, said)
    return screen_file(
        loaded,
        vectors,
        out,
        left=read_ids(left) if left else None,
        right=read_ids(right) if right else None,
        known=read_pairs(known, directed=loaded.card.directed, columns=columns) if known else None,
        options=options,
        shard=shard,
    )
