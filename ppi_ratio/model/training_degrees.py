"""Training pairs -> how often each protein stands on each side of them."""

import pandas as pd

from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.pairs import PairTable


def degree_table(training: PairTable) -> pd.DataFrame:
    """Joint training pairs of each protein on each side; without a direction on both alike."""
    sides = ("left", "right") if training.directed else ("both", "both")
    columns = {
        name: training.degrees(side)
        for name, side in zip((LEFT_DEGREE, RIGHT_DEGREE), sides, strict=True)
    }
    return pd.DataFrame(columns).fillna(0).astype(int).sort_index()
