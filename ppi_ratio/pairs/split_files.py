"""``Split`` <-> a folder: three TSV files, and ``split.json`` with how the split was made."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.io.atomic import replacing_folder
from ppi_ratio.pairs.columns import PairColumns
from ppi_ratio.pairs.reading import read_pairs
from ppi_ratio.pairs.rows import LABEL, LEFT, RIGHT
from ppi_ratio.pairs.splits import PARTS, Split
from ppi_ratio.pairs.table import PairTable

SHEET = "split.json"
FASTA = "proteins.fasta"
FORMAT = 1


def write_split(
    split: Split, folder: Path | str, *, clusters: Mapping[str, int] | None = None
) -> None:
    """Write a split to a folder: ``train.tsv``, ``validation.tsv``, ``test.tsv``, ``split.json``.

    If the source of the pairs held sequences instead of ids, ``proteins.fasta`` has the sequence of
    each id. A part without pairs has no file. A folder that holds an older split is replaced; a
    folder that holds anything else is refused.

    Args:
        split: the split to write.
        folder: where to write it.
        clusters: cluster number by protein id; with it, ``split.json`` also lists relatives
            across parts, as ``Split.leaks`` does.

    Raises:
        ConfigError: if ``folder`` is a file or holds something else than a split.

    Examples:
        >>> import json
        >>> from pathlib import Path
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> pr.write_split(pr.split_by_pair(pairs, seed=7), "my_split")
        >>> written = json.loads(Path("my_split/split.json").read_text())
        >>> written["kind"], written["seed"]
        ('by pair', 7)
    """
    folder = Path(folder)
    _check_replaceable(folder)
    sheet = _sheet(split, split.leaks(clusters))
    with replacing_folder(folder) as partial:
        for name, part in split.parts.items():
            if len(part):
                table = _table_path(partial, name)
                part.frame.to_csv(table, sep="\t", index=False, lineterminator="\n")
        if sequences := _sequences(split):
            records = "".join(f">{name}\n{text}\n" for name, text in sequences.items())
            (partial / FASTA).write_text(records, encoding="ascii")
        (partial / SHEET).write_text(json.dumps(sheet, indent=2) + "\n", encoding="utf-8")


def read_split(folder: Path | str) -> Split:
    """Read a split that ``write_split`` wrote.

    Args:
        folder: the folder of the split.

    Raises:
        FileNotFoundError: if there is no split in ``folder``.
        InputError: if a file is damaged.
        ProvenanceError: if a table was changed after the split was written, or if a newer version
            of ppi_ratio wrote the split.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, _ = pr.toy_data()
        >>> split = pr.split_by_pair(pairs, seed=0)
        >>> pr.write_split(split, "my_split")
        >>> pr.read_split("my_split").content_hash() == split.content_hash()
        True
    """
    folder = Path(folder)
    sheet_path = folder / SHEET
    if not sheet_path.is_file():
        raise FileNotFoundError(
            f"{folder}: no split in it ({SHEET} is missing); see ppi-ratio split"
        )
    try:
        sheet = json.loads(sheet_path.read_text(encoding="utf-8"))
        _check_format(sheet["format"], sheet_path)
        parts = {name: _read_part(folder, name, sheet) for name in PARTS}
        split = Split(
            **parts,
            kind=sheet["kind"],
            seed=sheet["seed"],
            dropped=MappingProxyType(sheet["dropped"]),
        )
        written = sheet["content_hash"]
    except (
        *(UnicodeDecodeError, json.JSONDecodeError, RecursionError),
        *(KeyError, TypeError),
    ) as error:
        raise InputError(f"{sheet_path}: damaged ({error!r}); write the split again") from error
    if split.content_hash() != written:
        raise ProvenanceError(
            f"{folder}: its tables were changed after the split was made; make the split again"
        )
    return split


def _check_format(stated: object, path: Path) -> None:
    if not isinstance(stated, int) or stated > FORMAT:
        raise ProvenanceError(
            f"{path}: format {stated} is newer than this ppi_ratio reads ({FORMAT}); upgrade "
            "ppi_ratio"
        )


def _read_part(folder: Path, name: str, sheet: dict[str, Any]) -> PairTable:
    part = sheet["parts"][name]
    if part["joint"] + part["non_pairs"] == 0:
        columns = [LEFT, RIGHT, *([LABEL] if part["labelled"] else [])]
        nothing = pd.DataFrame({column: [] for column in columns})
        return PairTable(nothing, directed=sheet["directed"], name=part["name"])
    columns = PairColumns(LEFT, RIGHT, LABEL if part["labelled"] else None)
    table = read_pairs(
        _table_path(folder, name), directed=sheet["directed"], self_pairs="keep", columns=columns
    )
    return replace(table, name=part["name"])


def _sheet(split: Split, leaks: list[str]) -> dict[str, Any]:
    summary = split.summary()
    return {
        "format": FORMAT,
        "kind": split.kind,
        "seed": split.seed,
        "directed": split.directed,
        "dropped": dict(split.dropped),
        "parts": {
            name: {
                "name": part.name,
                "labelled": part.is_labelled,
                "left_out": [str(drop) for drop in part.drops],
                **{column: int(count) for column, count in summary.loc[name].items()},
            }
            for name, part in split.parts.items()
        },
        "leaks": leaks,
        "content_hash": split.content_hash(),
    }


def _sequences(split: Split) -> dict[str, str]:
    """The sequences of the proteins of all parts, as far as their source held sequences."""
    found: dict[str, str] = {}
    for part in split.parts.values():
        found |= {name: part.sequences[name] for name in part.ids if name in part.sequences}
    return found


def _table_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.tsv"


def _check_replaceable(folder: Path) -> None:
    if not folder.exists():
        return
    ours = {SHEET, FASTA, *(_table_path(folder, name).name for name in PARTS)}
    if not (folder / SHEET).is_file():
        ours = set()  # of no split: tables of these names are somebody's
    others = [] if folder.is_file() else [p.name for p in folder.iterdir() if p.name not in ours]
    if folder.is_file() or others:
        what = f"holds {others[0]}" if others else "is a file"
        raise ConfigError(f"{folder}: {what}; give a new folder, or one with a split to replace")
