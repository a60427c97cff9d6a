"""Tables as people write them: read right, or refused with what to do; never misread.

    pytest -n 0 -s tests/pairs/test_table_variants.py -k counted

prints how many variants of each kind were read and refused.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from ppi_ratio.errors import InputError
from ppi_ratio.pairs import PairTable, read_pairs

N_PAIRS = 24
ID_KINDS = {
    "accession": lambda n: f"Q{20000 + n}",
    "symbol": lambda n: (
        ("TP53", "MYC", "ACTB", "BRCA1", "EGFR", "JUN", "FOS")[n % 7] + "ABCD"[n // 7]
    ),
    "string": lambda n: f"9606.ENSP{n:011d}",
    "entrez": lambda n: str(7157 + 31 * n),
    "orf": lambda n: f"YAL{n:03d}W",
    "entry": lambda n: f"NAME{n}_HUMAN",
    "record": lambda n: f"sp|Q{20000 + n}|NAME{n}_HUMAN",
}
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "spaces": "  "}
HEADERS = {
    "none": None,
    "left, right": ("left", "right"),
    "bait, prey": ("bait", "prey"),
    "protein_id1": ("protein_id1", "protein_id2"),
    "Ensembl_gene_id_a": ("Ensembl_gene_id_a", "Ensembl_gene_id_b"),
    "#node1": ("#node1", "node2"),
    "UniProtA": ("UniProtA", "UniProtB"),
    "from, to": ("from", "to"),
    "source, target": ("source", "target"),
    "geneSymbol1": ("geneSymbol1", "geneSymbol2"),
    "unknown": ("quux", "corge"),
}
LABELS = {
    "none": None,
    "1/0": ("1", "0"),
    "1.0/0.0": ("1.0", "0.0"),
    "1/-1": ("1", "-1"),
    "True/False": ("True", "False"),
    "yes/no": ("yes", "no"),
    "Positive/Negative": ("Positive", "Negative"),
    "P/N": ("P", "N"),
    "+/-": ("+", "-"),
    "interacting/non-interacting": ("interacting", "non-interacting"),
    "strange words": ("wet", "dry"),
}
ORDERS = ("ids first", "label first", "row number first", "interaction id first", "score between")


class Variant(NamedTuple):
    """How one table is written."""

    ids: str
    separator: str
    header: str
    labels: str
    order: str

    def text(self) -> str:
        names = HEADERS[self.header]
        rows = (
            [self._row(names[0], names[1], "label", "row", "interaction_id", "score")]
            if names
            else []
        )
        for left, right, label, *extra in self._rows():
            word = (LABELS[self.labels] or ("", ""))[1 - label]
            rows.append(self._row(left, right, word, *extra))
        return "\n".join(rows) + "\n"

    def expected(self) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
        """The interactions and the non-pairs of the table."""
        pairs: tuple[set[frozenset[str]], set[frozenset[str]]] = (set(), set())
        for left, right, label, *_ in self._rows():
            pairs[0 if label or self.labels == "none" else 1].add(frozenset((left, right)))
        return pairs

    def _rows(self) -> Iterator[tuple[str, str, int, str, str, str]]:
        """Two ids, whether they interact, row number, id of the interaction and score."""
        rng = np.random.default_rng(0)
        name = ID_KINDS[self.ids]
        drawn = [(i, j) for i in range(26) for j in range(i + 1, 26)]
        for number, (i, j) in enumerate(rng.permutation(drawn)[:N_PAIRS]):
            label = int(rng.random() < 0.6)
            score = f"{rng.random():.3f}"
            yield name(i), name(j), label, str(number + 1), f"CPI-{number:03d}", score

    def _row(self, left: str, right: str, label: str, row: str, name: str, score: str) -> str:
        labels = [] if self.labels == "none" else [label]
        cells = {
            "ids first": [left, right, *labels],
            "label first": [*labels, left, right],
            "row number first": [row, left, right, *labels],
            "interaction id first": [name, left, right, *labels],
            "score between": [left, score, right, *labels],
        }[self.order]
        return SEPARATORS[self.separator].join(cells)


def variants() -> list[Variant]:
    """Each kind beside each other kind, the rest drawn: a sample of the product."""
    every = list(product(ID_KINDS, SEPARATORS, HEADERS, LABELS, ORDERS))
    rng = np.random.default_rng(0)
    drawn = [Variant(*every[number]) for number in rng.permutation(len(every))[:600]]
    plain = [
        Variant(ids, "tab", header, "1/0", "ids first")
        for ids, header in product(ID_KINDS, HEADERS)
    ]
    return list(dict.fromkeys([*plain, *drawn]))


def pairs_of(table: PairTable) -> set[frozenset[str]]:
    return set(map(frozenset, zip(table.frame["left"], table.frame["right"], strict=True)))


def outcome(variant: Variant, folder: Path) -> str:
    """``read``, or the refusal.

    Raises:
        AssertionError: if the table is misread.
    """
    path = folder / "table.txt"
    path.write_text(variant.text())
    try:
        table = read_pairs(path, directed=False)
    except InputError as refusal:
        return str(refusal)
    assert (pairs_of(table.joint), pairs_of(table.non_pairs)) == variant.expected()
    return "read"


@pytest.mark.parametrize("variant", variants(), ids=lambda v: "; ".join(v))
def test_a_table_is_read_right_or_refused_with_what_to_do(variant: Variant, tmp_path: Path) -> None:
    found = outcome(variant, tmp_path)
    known = variant.header not in ("none", "unknown")
    if found != "read":
        assert "`columns`" in found or "`min_score`" in found or "labels" in found, found
    if known and variant.labels not in ("strange words",) and variant.order != "score between":
        assert found == "read"
    if variant.order == "ids first" and variant.labels not in ("strange words",):
        assert found == "read" or variant.header == "unknown"


def test_variants_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter(
        (variant.order, "read" if outcome(variant, tmp_path) == "read" else "refused")
        for variant in variants()
    )
    with capsys.disabled():
        for order in ORDERS:
            read, refused = counts[order, "read"], counts[order, "refused"]
            print(f"| {order} | {read + refused} | {read} | {refused} | 0 |")
    assert len(variants()) >= 200
