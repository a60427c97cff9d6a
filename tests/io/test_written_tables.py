"""Floats of text tables are those that pandas writes, missing ones and infinite ones too."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.io.tables import FLOATS_AS_TEXT, write_table

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-300, 123456789.0]


@pytest.mark.parametrize("suffix", [".tsv", ".csv"])
@given(values=st.lists(st.floats(width=32), max_size=20))
def test_floats_are_written_with_six_digits(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, values: list[float]
) -> None:
    folder: Path = tmp_path_factory.mktemp("tables")
    numbers = np.array([*SPECIAL, *values])
    frame = pd.DataFrame(
        {
            "name": [f"P{number}" for number in range(len(numbers))],
            "double": numbers,
            "single": numbers.astype(np.float32),
            "count": np.arange(len(numbers)),
        },
        index=np.arange(len(numbers))[::-1],
    )
    separator = "\t" if suffix == ".tsv" else ","
    write_table(frame, folder / f"table{suffix}")
    frame.to_csv(folder / "pandas", sep=separator, index=False, float_format=FLOATS_AS_TEXT)
    assert (folder / f"table{suffix}").read_bytes() == (folder / "pandas").read_bytes()
