"""Columns of sequences instead of ids -> ids made from the sequences, and the sequence of each.

Tables of TCRs and epitopes, and the ``query,text,label`` tables of language models, hold sequences
where others hold ids.
"""

import pandas as pd

from ppi_ratio.pairs.names import SEQUENCES, plain
from ppi_ratio.pairs.rows import LEFT, RIGHT
from ppi_ratio.sequences import RARE_RESIDUES, STANDARD_RESIDUES, sequence_hash

PREFIX, HASH_LENGTH = (
    "seq_",
    16,
)  # 64 bits: two of a million sequences share an id once in 4e7 times
NAMED_LENGTH = 5  # median residues of a column whose name says that it holds sequences
UNNAMED_LENGTH = 25  # of any other column; names of genes are shorter
RESIDUES = f"[{STANDARD_RESIDUES}{RARE_RESIDUES}]+"


def sequence_id(residues: str) -> str:
    """The id of a protein that has a sequence and no name."""
    return PREFIX + sequence_hash(residues)[:HASH_LENGTH]


def named_by_sequence(
    table: pd.DataFrame, names: dict[str, str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Replace sequences by ids in the columns ``left`` and ``right`` that hold sequences.

    Args:
        table: rows with the columns ``left`` and ``right``.
        names: names of the two columns in the source; empty if it has none.

    Returns:
        The rows, and the residues of each id that was made.
    """
    residues: dict[str, str] = {}
    for side in (LEFT, RIGHT):
        column = pd.Series(table[side])
        if _holds_sequences(column, names[side]):
            ids = {text: sequence_id(text) for text in column.unique() if text}
            residues |= {name: text for text, name in ids.items()}
            table = table.assign(**{side: column.map(ids).fillna("").astype(column.dtype)})
    return table, residues


def _holds_sequences(column: pd.Series, name: str) -> bool:
    texts = column.loc[column != ""]
    least = NAMED_LENGTH if any(word in plain(name) for word in SEQUENCES) else UNNAMED_LENGTH
    if texts.empty or texts.iloc[:100].str.len().median() < least:
        return False
    return bool(texts.str.fullmatch(RESIDUES).all())
