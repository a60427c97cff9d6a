"""The held-out-protein protocol: hold out some proteins, and score all pairs among them.

The protocol is that of Ryu, Yeddanapudi, Xu & Wornell (2025), arXiv 2510.25983, as in the code of
Gowri et al. (2024), arXiv 2409.02732. There, 170 proteins are held out in each of 20 draws, and
every ordered pair of these proteins is a candidate. In most non-pairs among the candidates a
protein has the wrong role, so knowing the roles is enough to recognise most non-pairs. The same
scores are therefore evaluated among role-matched pairs too.
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
VALIDATION_SHARE = 0.1  # of the proteins that are not held out


@dataclass(frozen=True, config=STRICT)
class HeldOutProteins:
    """Train on pairs without a held-out protein, test on all ordered pairs of held-out proteins.

    The published code differs in four ways:

    1. Held-out proteins are drawn with replacement.
    2. Early stopping looks at the pairs with a held-out protein.
    3. Vectors are scaled by statistics of all pairs, and vectors of test proteins by statistics of
       the test proteins.
    4. Self pairs are scored too.

    Attributes:
        n_held_out: number of proteins that each draw holds out.
        published: follow the published code. Otherwise proteins are drawn without replacement.
            Early stopping then looks at the pairs of a tenth of the other proteins, and training
            sees nothing of the test.
    """

    n_held_out: PositiveInt = 170
    published: bool = False

    def split(self, pairs: PairTable, *, seed: Seed) -> Split:
        """Draw the held-out proteins, and split the pairs by them.

        Raises:
            InputError: if the pairs have too few proteins.
            ValueError: if a part has no interaction.
        """
        joint = pairs.joint
        ids = np.array(joint.ids, dtype=object)
        if len(ids) <= self.n_held_out:
            raise InputError(
                f"{pairs.name}: has {len(ids)} proteins, so {self.n_held_out} cannot be held out; "
                "hold out fewer"
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
        """The labelled sets of one draw; sets with too few pairs are left out.

        The sets are: all candidates; for directed pairs, the candidates whose proteins have the
        right roles; and the interactions with as many degree-matched non-pairs.

        Args:
            split: the draw.
            pairs: the table that was split; it says which roles a protein has.
            seed: seed of the degree-matched non-pairs.
        """
        test = split.test
        groups = [LabelledPairs.of(HELD_OUT, ALL_ORDERED if test.directed else "all", test)]
        joint = pairs.joint
        if test.directed:
            lefts, rights = (_among(test, side, joint.frame[side]) for side in (LEFT, RIGHT))
            groups.append(LabelledPairs.of(HELD_OUT, ROLE_MATCHED, test.select(lefts & rights)))
        drawn = draw_non_pairs(
            test.joint, law="degree_matched", per_joint=1, known=joint, seed=seed
        )
        matched = labelled_table(test.joint, drawn)
        groups.append(LabelledPairs.of(HELD_OUT, DEGREE_MATCHED, matched, known=joint))
        return [
            group
            for group in groups
            if min(len(group.table.joint), len(group.table.non_pairs)) >= MIN_OF_EACH
        ]

    def scaled_vectors(self, split: Split, pairs: PairTable, vectors: Embeddings) -> Embeddings:
        """The vectors for training and test, scaled as in the published code if ``published``.

        The published code takes statistics over the rows of the pair table, so that hubs weigh
        more. Test proteins are then scaled by the statistics of the test proteins.
        """
        if not self.published:
            return vectors
        ids = list(pairs.joint.ids)
        matrix = vectors.matrix(vectors.rows(np.array(ids, dtype=object)))
        ends = pd.concat([pairs.joint.frame[LEFT], pairs.joint.frame[RIGHT]])
        counts = ends.value_counts().reindex(ids).to_numpy()
        matrix = _scaled(matrix, counts)
        in_test = np.isin(ids, split.test.ids)
        matrix[in_test] = _scaled(matrix[in_test], np.ones(in_test.sum()))
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
    """True where the left or the right protein of a pair is one of ``ids``; ``(pair,)``."""
    return _among(pairs, LEFT, ids) | _among(pairs, RIGHT, ids)


def _among(pairs: PairTable, side: str, ids: Iterable[str]) -> np.ndarray:
    """True where the protein on ``side`` of a pair is one of ``ids``; ``(pair,)``."""
    return pairs.frame[side].isin(list(ids)).to_numpy()


def _scaled(matrix: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Standardise columns by the weighted mean and standard deviation of the rows."""
    mean = np.average(matrix, axis=0, weights=weights)
    scale = np.sqrt(np.average((matrix - mean) ** 2, axis=0, weights=weights))
    return (matrix - mean) / np.where(scale > 0, scale, 1)
