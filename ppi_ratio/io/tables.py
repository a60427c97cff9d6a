"""DataFrames -> TSV, CSV, Parquet or JSON files, by the suffix of the file name."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from ppi_ratio.errors import ConfigError
from ppi_ratio.io.atomic import replacing

SUFFIXES = (".tsv", ".csv", ".parquet", ".json")
APPENDABLE = (".parquet", ".tsv", ".csv")
FLOATS_AS_TEXT = "%.6g"


def check_table_name(path: Path) -> None:
    """Refuse a file name that no table can be written to, before any work is done.

    Raises:
        ConfigError: if the suffix is unknown or ``path`` is a folder.
    """
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"{path}: write tables to a name ending in {', '.join(SUFFIXES)}")
    check_no_folder(path)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without its index, atomically.

    Raises:
        ConfigError: if the suffix is unknown or ``path`` is a folder.
    """
    check_table_name(path)
    with replacing(path) as partial:
        if path.suffix == ".parquet":
            frame.to_parquet(partial, index=False)
        elif path.suffix == ".json":
            frame.to_json(partial, orient="records", indent=2, double_precision=15)
        else:
            _floats_as_text(frame).to_csv(partial, sep=separator_of(path), index=False)


def _floats_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Floats as text with six digits; several times faster than ``to_csv`` does it."""
    texts = {
        name: [FLOATS_AS_TEXT % value if value == value else "" for value in column.tolist()]
        for name, column in frame.select_dtypes("floating").items()
    }
    return frame.assign(
        **{
            str(name): pd.Series(text, index=frame.index, dtype=object)
            for name, text in texts.items()
        }
    )


def separator_of(path: Path) -> str:
    """The separator between columns of a text table: tab for .tsv, else comma."""
    return "\t" if path.suffix == ".tsv" else ","


def check_appendable(path: Path) -> None:
    """Refuse a file name that no table can be written to in pieces.

    Raises:
        ConfigError: if the suffix is unknown or ``path`` is a folder.
    """
    if path.suffix not in APPENDABLE:
        raise ConfigError(f"{path}: write hits to a name ending in {', '.join(APPENDABLE)}")
    check_no_folder(path)


def check_no_folder(path: Path) -> None:
    """Refuse a folder where a file is to be written.

    Raises:
        ConfigError: if ``path`` is a folder.
    """
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; give the name of a file to write")


@contextmanager
def appending(path: Path, types: Mapping[str, str]) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write a table in pieces; the file appears when the block ends without an error.

    Args:
        path: the file to write or replace.
        types: Arrow type name of every column.

    Yields:
        A function that appends the rows of a DataFrame.

    Raises:
        ConfigError: if the suffix is unknown or ``path`` is a folder.
    """
    check_appendable(path)
    with replacing(path) as partial:
        if path.suffix == ".parquet":
            import pyarrow as pa
            from pyarrow.parquet import ParquetWriter

            schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in types.items()])
            with ParquetWriter(partial, schema, compression="zstd") as writer:
                # Arrow casts categories to strings much faster than from_pandas with a schema does
                yield lambda frame: writer.write_table(
                    pa.Table.from_pandas(frame[list(types)], preserve_index=False).cast(schema)
                )
        else:
            separator = separator_of(path)
            with partial.open("w", encoding="utf-8", newline="") as file:
                file.write(separator.join(types) + "\n")
                yield lambda frame: _floats_as_text(frame.loc[:, list(types)]).to_csv(
                    file, sep=separator, index=False, header=False, lineterminator="\n"
                )
