"""DataFrames -> TSV, CSV, Parquet or JSON by the suffix of the file's name."""

from pathlib import Path

import pandas as pd

from ppi_ratio.errors import ConfigError
from ppi_ratio.files import replacing

SUFFIXES = (".tsv", ".csv", ".parquet", ".json")


def check_table_name(path: Path) -> None:
    """Refuse a name that no table can be written to, before the work is done.

    Raises:
        ConfigError: if the suffix is none of those known.
    """
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"{path}: write tables to a name ending in {', '.join(SUFFIXES)}")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without its index; a reader never finds half of one.

    Raises:
        ConfigError: if the suffix is none of those known.
    """
    check_table_name(path)
    with replacing(path) as partial:
        if path.suffix == ".parquet":
            frame.to_parquet(partial, index=False)
        elif path.suffix == ".json":
            frame.to_json(partial, orient="records", indent=2, double_precision=15)
        else:
            separator = "\t" if path.suffix == ".tsv" else ","
            frame.to_csv(partial, sep=separator, index=False, float_format="%.6g")
