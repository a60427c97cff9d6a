"""Select the entries of a tile of log ratios that a search keeps, on a CPU.

Arrays are float32, and column numbers int32. Tiles of one block of lefts come in the order of
their columns.
"""

import numpy as np
from jaxtyping import Float, Int

from ppi_ratio.runtime.kernels.switch import compiled_in_use


def keep_best(
    tile: Float[np.ndarray, "left right"],
    offset: Float[np.ndarray, " right"],
    first: int,
    values: Float[np.ndarray, "left best"],
    columns: Int[np.ndarray, "left best"],
) -> None:
    """Replace the lowest kept entries of each row by higher ones of the tile.

    Of equal entries the one of the smaller column is kept.

    Args:
        tile: log ratios minus ``offset``.
        offset: number to add to every entry of a column.
        first: column number of the tile's first column.
        values: entries kept so far, in no particular order. Before the first tile, every value is
            the threshold, which kept entries must exceed.
        columns: column numbers of ``values``, int32; negative before the first tile.
    """
    if compiled_in_use():
        from ppi_ratio.runtime.kernels import compiled  # importing numba takes a second

        compiled.keep_best(tile, offset, first, values, columns)
    else:
        plain_keep_best(tile, offset, first, values, columns)


def plain_keep_best(
    tile: Float[np.ndarray, "left right"],
    offset: Float[np.ndarray, " right"],
    first: int,
    values: Float[np.ndarray, "left best"],
    columns: Int[np.ndarray, "left best"],
) -> None:
    """``keep_best`` in NumPy: sort kept entries and the tile together, highest first."""
    together = np.hstack([values, tile + offset])
    numbers = np.hstack([columns, np.broadcast_to(first + np.arange(len(offset)), tile.shape)])
    # stable: kept entries come first and have the smaller columns
    best = np.argsort(-together, axis=1, kind="stable")[:, : values.shape[1]]
    values[:] = np.take_along_axis(together, best, axis=1)
    columns[:] = np.take_along_axis(numbers, best, axis=1)


def entries_above(
    tile: Float[np.ndarray, "left right"], offset: Float[np.ndarray, " right"], threshold: float
) -> tuple[Int[np.ndarray, " entry"], Int[np.ndarray, " entry"], Float[np.ndarray, " entry"]]:
    """Rows, columns and values of the entries of tile + offset above ``threshold``, by row."""
    if not compiled_in_use():
        return plain_entries_above(tile, offset, threshold)
    from ppi_ratio.runtime.kernels.compiled import count_above, fill_above

    count = count_above(tile, offset, threshold)
    rows, columns = (np.empty(count, dtype=np.int32) for _ in range(2))
    values = np.empty(count, dtype=np.float32)
    fill_above(tile, offset, threshold, rows, columns, values)
    return rows, columns, values


def plain_entries_above(
    tile: Float[np.ndarray, "left right"], offset: Float[np.ndarray, " right"], threshold: float
) -> tuple[Int[np.ndarray, " entry"], Int[np.ndarray, " entry"], Float[np.ndarray, " entry"]]:
    """``entries_above`` in NumPy."""
    whole = tile + offset
    rows, columns = np.nonzero(whole > threshold)
    return rows, columns, whole[rows, columns]
