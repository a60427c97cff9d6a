"""Rules that every set of vectors follows."""

from collections.abc import Sequence

import numpy as np

from ppi_ratio.errors import InputError


def check(
    ids: tuple[str, ...],
    shape: tuple[int, ...],
    dtype: np.dtype,
    hashes: tuple[str, ...] | None,
    place: str,
) -> None:
    """Refuse ids, a shape or hashes that do not fit together; ``place`` is what messages name."""
    if len(shape) != 2 or shape[0] != len(ids):
        raise InputError(f"{place}: shape {shape} for {len(ids)} ids, expected ({len(ids)}, dim)")
    if 0 in shape:
        raise InputError(f"{place}: shape {shape} holds no values")
    if dtype.kind not in "fiu":
        raise InputError(f"{place}: values are {dtype}, expected numbers")
    if hashes is not None and len(hashes) != len(ids):
        raise InputError(f"{place}: {len(hashes)} sequence hashes for {len(ids)} ids")
    seen: set[str] = set()
    for row, name in enumerate(ids):
        if not name or "\0" in name:
            raise InputError(f"{place}: row {row} has the id {name!r}; ids must be non-empty text")
        if name in seen:
            raise InputError(f"{place}: the id {name} stands twice; one id, one vector")
        seen.add(name)


def check_finite(vectors: np.ndarray, ids: Sequence[str]) -> None:
    """Refuse values that are not finite; names the first id at fault."""
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise InputError(f"{ids[int(finite.argmin())]}: its vector has a value that is not finite")
