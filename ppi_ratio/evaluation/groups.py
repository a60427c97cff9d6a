"""Test pairs -> the labelled sets that scores are judged by.

Pair classes are those of Park & Marcotte (2012): C1 both proteins were in training, C2 one, C3
none. What counts as a non-pair decides what an AUROC means, so each set says it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.metrics import ScoredPairs
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.renormalise import against_noise, random_pairs
from ppi_ratio.pairs import (
    CLASSES,
    LABEL,
    LEFT,
    RIGHT,
    PairTable,
    classes_of,
    draw_non_pairs_within_classes,
    labelled_table,
)
from ppi_ratio.pairs.table import union
from ppi_ratio.sequences import IdIndex

ALL = "all"
OWN_NON_PAIRS = "data set"
DEGREE_MATCHED = "degree-matched"
ROLE_MATCHED = "role-matched"
MIN_OF_EACH = 10  # joint pairs and non-pairs below which a metric would be noise
LAWS = {DEGREE_MATCHED: "degree_matched", ROLE_MATCHED: "role_matched"}


@dataclass(frozen=True)
class LabelledPairs:
    """Joint pairs and non-pairs of one class, and the law that the non-pairs were drawn from."""

    pairs: str
    non_pairs: str
    table: PairTable

    @property
    def name(self) -> str:
        return f"{self.pairs}, {self.non_pairs}"

    @property
    def frame(self) -> pd.DataFrame:
        """Columns left, right and label."""
        return self.table.frame

    def noise(self, seed: int) -> "NoiseDraws":
        """Pairs drawn from its marginals, whatever its labels.

        Raises:
            ValueError: as ``random_pairs``.
        """
        frame = self.frame
        left, right = random_pairs(
            frame[LEFT].to_numpy(),
            frame[RIGHT].to_numpy(),
            directed=self.table.directed,
            seed=seed,
        )
        return NoiseDraws(pd.DataFrame({LEFT: left, RIGHT: right, LABEL: np.int8(0)}))

    def scored(self, scores: np.ndarray) -> ScoredPairs:
        """With one score for each of its pairs, in their order."""
        frame = self.frame
        return ScoredPairs(
            frame[LEFT].to_numpy(), frame[RIGHT].to_numpy(), frame[LABEL].to_numpy(), scores
        )


@dataclass(frozen=True, eq=False)
class NoiseDraws:
    """Independent draws of a left and a right. Pairs repeat, in either order: no ``PairTable``.

    Attributes:
        frame: a draw a row; columns left, right and label, which is 0.
        non_pairs: as of ``LabelledPairs``.
    """

    frame: pd.DataFrame
    non_pairs: str = OWN_NON_PAIRS


def log_ratios(
    model: RatioModel,
    group: LabelledPairs | NoiseDraws,
    vectors: Embeddings,
    *,
    noise: NoiseDraws | None = None,
) -> np.ndarray:
    """Of the pairs of a group, in nats; with ``noise`` its mean ratio is made one."""

    def of(pairs: LabelledPairs | NoiseDraws) -> np.ndarray:
        rows = (vectors.rows(pairs.frame[side]) for side in (LEFT, RIGHT))
        return model.scorer.score_rows(vectors, *rows)

    return of(group) if noise is None else against_noise(of(group), of(noise))


def labelled_groups(
    pairs: PairTable,
    *,
    seen: Iterable[str],
    known: PairTable | None,
    seed: int,
    laws: Iterable[str] = (DEGREE_MATCHED,),
) -> list[LabelledPairs]:
    """Every class of pairs, with the table's own non-pairs and with drawn ones.

    Args:
        pairs: labelled, or only joint.
        seen: the proteins of training, under any of their ids.
        known: further joint pairs that may not be drawn as non-pairs.
        seed: of the drawn non-pairs.
        laws: what to draw them by: keys of ``LAWS``.
    """
    index = IdIndex(seen)
    seen = [name for name, row in zip(pairs.ids, index.rows(pairs.ids), strict=True) if row >= 0]
    groups = list(by_class(pairs, seen, OWN_NON_PAIRS)) if pairs.is_labelled else []
    joint = pairs.joint
    for name in laws:
        drawn = draw_non_pairs_within_classes(
            joint,
            seen=seen,
            law=LAWS[name],
            per_joint=1,
            known=all_rows(joint, known),
            seed=seed,
        )
        groups += by_class(labelled_table(joint, drawn), seen, name)
    return groups


def by_class(table: PairTable, seen: Iterable[str], non_pairs: str) -> Iterator[LabelledPairs]:
    """The pairs of each class that is large enough, then all of them if there are several."""
    classes = classes_of(table.frame[LEFT].to_numpy(), table.frame[RIGHT].to_numpy(), seen)
    parts = {name: table.select(classes == name) for name in CLASSES}
    parts = {name: part for name, part in parts.items() if len(part)}
    if len(parts) > 1:
        parts[ALL] = table
    for name, part in parts.items():
        if min(len(part.joint), len(part.non_pairs)) >= MIN_OF_EACH:
            yield LabelledPairs(name, non_pairs, part)


def all_rows(*tables: PairTable | None) -> PairTable | None:
    """Of the tables that are there, whatever their labels; None if none is."""
    given = [replace(each, frame=each.frame[[LEFT, RIGHT]]) for each in tables if each is not None]
    return union(given, name=given[0].name) if given else None


def interactions(*tables: PairTable | None) -> PairTable | None:
    """The joint pairs of the tables that are there; None if none is."""
    return all_rows(*(None if each is None else each.joint for each in tables))
