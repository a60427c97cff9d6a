"""Vectors -> the vectors that can be used: finite, of no absurd size, and not far from all others.

One vector with an infinity would make every score of its protein NaN. One vector that lies far from
all others would ruin the standardisation of all. Such proteins are left out, and named.
"""

import logging
from collections.abc import Callable, Iterable

import numpy as np
from jaxtyping import Float

from ppi_ratio.embeddings.files import Embeddings
from ppi_ratio.embeddings.sources import BLOCK_ROWS
from ppi_ratio.errors import InputError

LARGEST = 1e9  # no encoder gives such a number; its square is still finite in float32
FAR = 30.0  # times the distance that is usual; vectors of proteins differ by two or three
SHOWN = 10
NOT_FINITE = "its vector has a value that is not finite"
TOO_LARGE = f"its vector has a value beyond {LARGEST:g}"
OUTLYING = f"its vector is more than {FAR:g} times as far from the middle as is usual"

logger = logging.getLogger(__name__)

Distance = Callable[[Float[np.ndarray, "protein dim"]], Float[np.ndarray, " protein"]]


def usable(
    vectors: Embeddings, ids: Iterable[str] | None = None, *, outlying: bool = False
) -> Embeddings:
    """The vectors without those that cannot be used; a warning names their proteins.

    Args:
        vectors: the vectors.
        ids: proteins whose vectors are looked at; all if not given.
        outlying: whether a vector far from all others is left out too. Distances are from the
            medians, in median absolute deviations of each entry.

    Returns:
        The same object if all can be used. Otherwise ``unusable`` of the result says why each
        protein is left out.

    Raises:
        InputError: if no vector can be used.
    """
    rows = np.arange(len(vectors)) if ids is None else np.unique(vectors.rows(ids))
    rows = rows[rows >= 0]
    reasons: dict[int, str] = {}
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        largest = np.abs(vectors.unchecked(block)).max(axis=1)
        reasons |= {int(row): NOT_FINITE for row in block[~np.isfinite(largest)]}
        too_large = np.isfinite(largest) & (largest > LARGEST)
        reasons |= {int(row): TOO_LARGE for row in block[too_large]}
    if reasons and len(reasons) == len(rows):
        name = vectors.ids[next(iter(reasons))]
        raise InputError(
            f"none of {len(rows):,} vectors can be used, e.g. {name}: {reasons[rows[0]]}; make "
            "them again"
        )
    if outlying:
        rows = np.setdiff1d(rows, list(reasons))
        far = distances(vectors.matrix(rows)) > FAR if len(rows) > 2 else np.zeros(len(rows), bool)
        reasons |= {int(row): OUTLYING for row in rows[far]}
    return without(vectors, reasons) if reasons else vectors


def distances(matrix: Float[np.ndarray, "protein dim"]) -> Float[np.ndarray, " protein"]:
    """Distance of each vector from the medians of all, as a multiple of the median distance.

    Entries are divided by their median absolute deviation, or by their standard deviation where
    more than half of the values are equal.
    """
    centred = matrix - np.median(matrix, axis=0)
    scale = np.median(np.abs(centred), axis=0)
    deviation = centred.std(axis=0)
    scale = np.where(scale > 1e-6 * deviation, scale, deviation)
    squares = np.square(centred / np.where(scale > 0, scale, 1), dtype=np.float64)
    found = np.sqrt(squares.sum(axis=1))
    usual = np.median(found)
    return found / usual if usual > 0 else np.zeros(len(found))


def without(vectors: Embeddings, reasons: dict[int, str]) -> Embeddings:
    """The vectors without these rows; a warning names ten of them."""
    named = {vectors.ids[row]: reason for row, reason in sorted(reasons.items())}
    shown = "; ".join(f"{name}: {reason}" for name, reason in list(named.items())[:SHOWN])
    more = f"; and {len(named) - SHOWN:,} more" if len(named) > SHOWN else ""
    logger.warning("%d proteins are left out. %s%s", len(named), shown, more)
    kept = np.setdiff1d(np.arange(len(vectors)), list(reasons))
    return vectors.chosen(kept, unusable=vectors.unusable | named)


def warn_of_far(vectors: Embeddings, ids: Iterable[str], distance: Distance) -> None:
    """Warn of proteins whose vectors lie far outside those of training, by ``distance``."""
    rows = np.unique(vectors.rows(ids))
    rows = rows[rows >= 0]
    far: list[str] = []
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        is_far = distance(vectors.matrix(block)) > FAR
        far += [vectors.ids[row] for row in block[is_far]]
    if far:
        logger.warning(
            "%d vectors lie far outside those of training, e.g. %s; do not trust their scores",
            len(far),
            ", ".join(far[:SHOWN]),
        )
