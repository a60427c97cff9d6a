"""Test pairs -> labelled sets of pairs, on which metrics are computed.

Pair classes are those of Park & Marcotte (2012). Of a C1 pair both proteins were in training, of a
C2 pair one protein, and of a C3 pair none. The meaning of an AUROC depends on the non-pairs, so
each set names the origin of its non-pairs.
"""

import dataclasses
from collections.abc import Iterable, Iterator

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
    shares_of_interactions,
)
from ppi_ratio.pairs.table import union
from ppi_ratio.sequences import IdIndex

ALL = "all"
OWN_NON_PAIRS = "data set"
DEGREE_MATCHED = "degree-matched"
ROLE_MATCHED = "role-matched"
MIN_OF_EACH = 10  # fewest interactions, and fewest non-pairs, that metrics are computed on
# Key of ``pairs.noise.NOISE_LAWS`` for each name of drawn non-pairs in a report.
NOISE_LAW_OF = {DEGREE_MATCHED: "degree_matched", ROLE_MATCHED: "role_matched"}


@dataclasses.dataclass(frozen=True)
class LabelledPairs:
    """Interactions and non-pairs of one pair class.

    Attributes:
        pairs: the class: C1, C2, C3 or ``ALL``; another name for a protocol of its own.
        non_pairs: where the non-pairs come from: the data set, or a noise law.
        table: interactions and non-pairs, labelled.
        shares: share of all pairs of the class of each pair that interacts, ``(pair,)``; see
            ``shares_of_interactions``.
    """

    pairs: str
    non_pairs: str
    table: PairTable
    shares: np.ndarray = dataclasses.field(repr=False)

    @classmethod
    def of(
        cls,
        pairs: str,
        non_pairs: str,
        table: PairTable,
        *,
        seen: Iterable[str] = (),
        known: PairTable | None = None,
        two_kinds: bool = False,
    ) -> "LabelledPairs":
        """A set of pairs; for the other arguments see ``shares_of_interactions``."""
        shares = shares_of_interactions(table, seen=seen, known=known, two_kinds=two_kinds)
        return cls(pairs, non_pairs, table, shares)

    def select(self, pairs: str, mask: np.ndarray) -> "LabelledPairs":
        """The rows where ``mask`` is true, as the class ``pairs``."""
        return LabelledPairs(pairs, self.non_pairs, self.table.select(mask), self.shares[mask])

    @property
    def name(self) -> str:
        return f"{self.pairs}, {self.non_pairs}"

    @property
    def frame(self) -> pd.DataFrame:
        """Columns left, right and label."""
        return self.table.frame

    def noise(self, seed: int) -> "NoiseDraws":
        """Draw pairs from the marginals of all pairs; labels are not read.

        Raises:
            ValueError: if ``random_pairs`` cannot draw them.
        """
        frame = self.frame
        left, right = random_pairs(
            frame[LEFT].to_numpy(),
            frame[RIGHT].to_numpy(),
            directed=self.table.directed,
            seed=seed,
        )
        return NoiseDraws(pd.DataFrame({LEFT: left, RIGHT: right, LABEL: np.int8(0)}))

    def scored(self, scores: np.ndarray, *, noise_is_all_pairs: bool = True) -> ScoredPairs:
        """The pairs with one score each, ``(pair,)``, in the order of the table.

        If scores are log ratios, ``noise_is_all_pairs`` says whether they compare with all pairs,
        as ``NoiseCard.is_all_pairs``.
        """
        frame = self.frame
        return ScoredPairs(
            frame[LEFT].to_numpy(),
            frame[RIGHT].to_numpy(),
            frame[LABEL].to_numpy(),
            scores,
            self.shares if noise_is_all_pairs else 0.0,
        )


@dataclasses.dataclass(frozen=True, eq=False)
class NoiseDraws:
    """Pairs of independently drawn left and right proteins.

    Draws repeat pairs, in either order, which a ``PairTable`` does not allow.

    Attributes:
        frame: one row per draw; columns left, right and label, which is 0.
        non_pairs: where the non-pairs come from, as in ``LabelledPairs``.
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
    """Log ratios of the pairs of a group, in nats; ``(pair,)``.

    With ``noise``, the log ratios are renormalised to a mean ratio of 1 over the noise.
    """

    def scores(pairs: LabelledPairs | NoiseDraws) -> np.ndarray:
        rows = (vectors.rows(pairs.frame[side]) for side in (LEFT, RIGHT))
        return model.scorer.score_rows(vectors, *rows)

    own = scores(group)
    return own if noise is None else against_noise(own, scores(noise))


def labelled_groups(
    pairs: PairTable,
    *,
    seen: Iterable[str],
    known: PairTable | None,
    seed: int,
    laws: Iterable[str] = (DEGREE_MATCHED,),
    two_kinds: bool = False,
) -> list[LabelledPairs]:
    """The labelled set of every pair class, with the table's own non-pairs and with drawn ones.

    Args:
        pairs: test pairs; without labels, every pair is an interaction.
        seen: ids of the training proteins; any id of a protein will do.
        known: further pairs that must not be drawn as non-pairs.
        seed: seed of the drawn non-pairs.
        laws: noise laws of the drawn non-pairs, as keys of ``NOISE_LAW_OF``.
        two_kinds: as for ``draw_non_pairs_within_classes``.
    """
    index = IdIndex(seen)
    seen = [name for name, row in zip(pairs.ids, index.rows(pairs.ids), strict=True) if row >= 0]
    joint = pairs.joint
    tables = {OWN_NON_PAIRS: pairs} if pairs.is_labelled else {}
    for name in laws:
        drawn = draw_non_pairs_within_classes(
            joint,
            seen=seen,
            law=NOISE_LAW_OF[name],
            per_joint=1,
            known=union_of_pairs(joint, known),
            seed=seed,
            two_kinds=two_kinds,
        )
        tables[name] = labelled_table(joint, drawn)
    every = (
        LabelledPairs.of(ALL, name, table, seen=seen, known=known, two_kinds=two_kinds)
        for name, table in tables.items()
    )
    return [group for each in every for group in _by_class(each, seen)]


def _by_class(group: LabelledPairs, seen: Iterable[str]) -> Iterator[LabelledPairs]:
    """The pairs of each class with enough pairs, and all pairs if there are several classes."""
    classes = classes_of(group.frame[LEFT].to_numpy(), group.frame[RIGHT].to_numpy(), seen)
    parts = [group.select(name, classes == name) for name in CLASSES]
    parts = [part for part in parts if len(part.table)]
    if len(parts) > 1:
        parts.append(group)
    for part in parts:
        if min(len(part.table.joint), len(part.table.non_pairs)) >= MIN_OF_EACH:
            yield part


def union_of_pairs(*tables: PairTable | None) -> PairTable | None:
    """All pairs of the given tables, without labels; None if every table is None."""
    given = [
        dataclasses.replace(each, frame=each.frame[[LEFT, RIGHT]])
        for each in tables
        if each is not None
    ]
    return union(given, name=given[0].name) if given else None


def union_of_interactions(*tables: PairTable | None) -> PairTable | None:
    """All interactions of the given tables; None if every table is None."""
    return union_of_pairs(*(None if each is None else each.joint for each in tables))
