"""The held-out-protein protocol: some proteins are set aside, and all pairs among them judged.

The protocol of Ryu, Yeddanapudi, Xu & Wornell (2025), arXiv 2510.25983, as the code of Gowri et al.
(2024), arXiv 2409.02732, has it: 170 proteins, 20 draws, every ordered pair among the proteins a
candidate. Most of these are non-pairs of the wrong role, which recognising the role alone tells
from the joint ones; so the same scores are judged among role-matched pairs too.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError
from ppi_ratio.evaluation.groups import (
    DEGREE_MATCHED,
    MIN_OF_EACH,
    ROLE_MATCHED,
    LabelledPairs,
)
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import (
    LABEL,
    LEFT,
    RIGHT,
    PairTable,
    Split,
    draw_non_pairs,
    labelled_table,
)
from ppi_ratio.runtime.seeds import Seed

HELD_OUT = "held-out"
ALL_ORDERED = "all ordered"
VALIDATION_SHARE = 0.1


@dataclass(frozen=True, config=STRICT)
class HeldOutProteins:
    """Train on the pairs that touch no held-out protein, judge all ordered pairs of held-out ones.

    Attributes:
        n_held_out: proteins set aside in each draw.
        published: do as the published code does: draw with replacement, stop by the pairs that
            touch a held-out protein, scale the vectors over all pairs and those of the test by
            their own statistics, and judge self pairs too. Otherwise the draw is without
            replacement, a tenth of the other proteins is set aside to stop by, and nothing is
            known of the test.
    """

    n_held_out: PositiveInt = 170
    published: bool = False

    def split(self, pairs: PairTable, *, seed: Seed) -> Split:
        """One draw.

        Raises:
            ValueError: if fewer proteins are there than are to be held out, or a part is left
                without joint pairs.
        """
        joint = pairs.joint
        ids = np.array(joint.ids, dtype=object)
        if len(ids) <= self.n_held_out:
            raise InputError(
                f"{pairs.name}: {len(ids)} proteins, {self.n_held_out} are to be held out; hold "
                "out fewer"
            )
        rng = np.random.default_rng(seed)
        held_out = rng.choice(ids, self.n_held_out, replace=self.published)
        touching = _touching(joint, held_out)
        train, validation = joint.select(~touching), joint.select(touching)
        if not self.published:
            others = np.setdiff1d(ids, held_out)
            stopping = rng.choice(others, round(VALIDATION_SHARE * len(others)), replace=False)
            chosen = _touching(train, stopping)
            train, validation = train.select(~chosen), train.select(chosen)
        test = self._all_pairs(joint, np.unique(held_out))
        parts = {
            name: replace(part, name=f"{pairs.name} ({name})")
            for name, part in (("train", train), ("validation", validation), ("test", test))
        }
        kind = f"{self.n_held_out} proteins held out{', as published' if self.published else ''}"
        dropped = {} if self.published else {"one protein held out": int(touching.sum())}
        return Split(**parts, kind=kind, seed=seed, dropped=dropped)

    def groups(self, split: Split, pairs: PairTable, *, seed: int) -> list[LabelledPairs]:
        """All candidates, those of the right role, and as many degree-matched non-pairs as pairs.

        Args:
            split: one draw.
            pairs: the table that it was drawn from: a protein has the roles it has there.
            seed: of the degree-matched non-pairs.
        """
        test = split.test
        groups = [LabelledPairs(HELD_OUT, ALL_ORDERED if test.directed else "all", test)]
        joint = pairs.joint
        if test.directed:
            lefts, rights = (_among(test, side, joint.frame[side]) for side in (LEFT, RIGHT))
            groups.append(LabelledPairs(HELD_OUT, ROLE_MATCHED, test.select(lefts & rights)))
        drawn = draw_non_pairs(
            test.joint, law="degree_matched", per_joint=1, known=joint, seed=seed
        )
        matched = labelled_table(test.joint, drawn)
        groups.append(LabelledPairs(HELD_OUT, DEGREE_MATCHED, matched))
        return [
            group
            for group in groups
            if min(len(group.table.joint), len(group.table.non_pairs)) >= MIN_OF_EACH
        ]

    def test_vectors(self, split: Split, pairs: PairTable, vectors: Embeddings) -> Embeddings:
        """The vectors to train and judge with: those given, or scaled as the published code does.

        There each row of the table counts, so that hubs weigh more; test proteins are scaled by
        the statistics of the test proteins.
        """
        if not self.published:
            return vectors
        ids = list(pairs.joint.ids)
        matrix = vectors.matrix(vectors.rows(np.array(ids, dtype=object)))
        ends = pd.concat([pairs.joint.frame[LEFT], pairs.joint.frame[RIGHT]])
        counts = ends.value_counts().reindex(ids).to_numpy()
        matrix = _scaled(matrix, counts)
        own = np.isin(ids, split.test.ids)
        matrix[own] = _scaled(matrix[own], np.ones(own.sum()))
        return Embeddings.from_arrays(ids, matrix, vectors.provenance)

    def _all_pairs(self, joint: PairTable, ids: np.ndarray) -> PairTable:
        left, right = (side.ravel() for side in np.meshgrid(ids, ids, indexing="ij"))
        kept = left <= right if not joint.directed else np.full(len(left), True)
        if not self.published:
            kept &= left != right
        candidates = pd.DataFrame({LEFT: left[kept], RIGHT: right[kept]})
        listed = pd.MultiIndex.from_arrays([joint.frame[LEFT], joint.frame[RIGHT]])
        labels = pd.MultiIndex.from_frame(candidates).isin(listed)
        rows = candidates.assign(**{LABEL: labels.astype(np.int8)})
        return PairTable.from_rows(
            rows, directed=joint.directed, name=joint.name, self_pairs="keep"
        )


def _touching(pairs: PairTable, ids: np.ndarray) -> np.ndarray:
    """The pairs that have one of these proteins or two."""
    return _among(pairs, LEFT, ids) | _among(pairs, RIGHT, ids)


def _among(pairs: PairTable, side: str, ids: Iterable[str]) -> np.ndarray:
    """The pairs whose protein on this side is one of these."""
    return pairs.frame[side].isin(list(ids)).to_numpy()


def _scaled(matrix: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mean = np.average(matrix, axis=0, weights=weights)
    scale = np.sqrt(np.average((matrix - mean) ** 2, axis=0, weights=weights))
    return (matrix - mean) / np.where(scale > 0, scale, 1)
