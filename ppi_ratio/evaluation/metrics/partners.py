"""Scores -> how well each protein's interaction partners rank above its other candidates."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.ranking import (
    area,
    cumulative_weights,
    ends_of_runs,
    from_zero,
    increments,
)
from ppi_ratio.evaluation.metrics.scored import ScoredPairs, UndefinedMetricError, value


@dataclass(frozen=True)
class PerProteinAUROC:
    """Mean AUROC among each protein's own pairs, over proteins with both labels.

    A pair counts for both of its proteins, and a self pair counts once. Any part of the score
    that depends on one protein alone cancels, its degree included. The metric therefore asks
    whether two proteins match, not whether one of them is sticky.
    """

    name: Literal["per_protein_auroc"] = "per_protein_auroc"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = PartnerRanking.of(scored, name=self.name)
        return lambda multiplicity: ranking.mean_auroc(multiplicity, name=self.name)

    def influence(self, scored: ScoredPairs) -> Influence:
        return PartnerRanking.of(scored, name=self.name).mean_auroc_influence(scored)


@dataclass(frozen=True, eq=False)
class PartnerRanking:
    """Each protein's partners in falling order of score, protein after protein.

    Proteins whose pairs all have one label are left out.

    Attributes:
        proteins: code of each ranked protein; shape ``(protein,)``, as the next three.
        n_joint: number of the protein's partners in interactions.
        n_others: number of the protein's partners in non-pairs.
        last: position in ``ends`` of the protein's last run.
        pairs: the scored pair of each row; shape ``(row,)``, as the next four.
        owners: position in ``proteins`` of the protein whose partner is ranked.
        partners: code of the partner.
        labels: True where protein and partner interact.
        is_self: True where the partner is the protein itself.
        ends: last row of each run of equal protein and score.
    """

    proteins: np.ndarray
    n_joint: np.ndarray
    n_others: np.ndarray
    last: np.ndarray
    pairs: np.ndarray
    owners: np.ndarray
    partners: np.ndarray
    labels: np.ndarray
    is_self: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, scored: ScoredPairs, *, name: str) -> "PartnerRanking":
        """Rank the partners of every protein for the metric called ``name``.

        Raises:
            UndefinedMetricError: if no protein has both labels.
        """
        left, right = scored.codes
        two = np.flatnonzero(~scored.is_self_pair)
        pairs = np.concatenate([np.arange(len(scored)), two])
        owners = np.concatenate([left, right[two]])
        partners = np.concatenate([right, left[two]])
        labels, scores = scored.labels[pairs], scored.scores[pairs]
        n_pairs = np.bincount(owners)
        n_joint = np.bincount(owners, weights=labels)
        kept = np.flatnonzero(((n_joint > 0) & (n_joint < n_pairs))[owners])
        if not kept.size:
            raise UndefinedMetricError(
                f"{name} is undefined: none of {scored.n_proteins} proteins has both interactions "
                "and non-pairs"
            )
        rows = kept[np.lexsort((-scores[kept], owners[kept]))]
        ends = ends_of_runs(owners[rows], scores[rows])
        last = ends_of_runs(owners[rows][ends])
        proteins, owned = np.unique(owners[rows], return_inverse=True)
        return cls(
            proteins=proteins,
            n_joint=n_joint[proteins],
            n_others=(n_pairs - n_joint)[proteins],
            last=last,
            pairs=pairs[rows],
            owners=owned,
            partners=partners[rows],
            labels=labels[rows],
            is_self=scored.is_self_pair[pairs[rows]],
            ends=ends,
        )

    def mean_auroc(self, multiplicity: np.ndarray, *, name: str) -> float:
        """Mean over proteins of the share of comparisons won by partners in interactions.

        A comparison of protein p takes a partner a in an interaction and a partner b in a
        non-pair. The comparison counts multiplicity(p) · multiplicity(a) · multiplicity(b),
        divided by the number of comparisons of p. A plain mean of AUROCs in a sample of proteins
        would drop a protein whose only interaction partner was not drawn. Such a mean tends to
        the mean over hubs, and its bootstrap interval can miss the metric itself.
        """
        won, n_joint, n_others = self.comparisons_won(multiplicity)
        share = multiplicity[self.proteins] / (self.n_joint * self.n_others)
        total = share @ (n_joint * n_others)
        if not total > 0:
            raise UndefinedMetricError(
                f"{name} is undefined: no protein of positive weight has both interactions and "
                "non-pairs with partners of positive weight"
            )
        return float(share @ won / total)

    def aurocs(self) -> np.ndarray:
        """AUROC of each protein in ``proteins``, where every partner counts once."""
        won, n_joint, n_others = self.comparisons_won(np.ones(self.partners.max() + 1))
        return won / (n_joint * n_others)

    def comparisons_won(
        self, multiplicity: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights of won comparisons, interaction partners and other partners; ``(protein,)``."""
        joint, others = self.weights_down_to(multiplicity)
        joint_before, others_before = self.sum_before(joint), self.sum_before(others)
        n_joint, n_others = joint[self.last] - joint_before, others[self.last] - others_before
        first = np.append(0, self.last[:-1] + 1)
        won = np.add.reduceat(area(joint, others), first) - joint_before * n_others
        return won, n_joint, n_others

    def mean_auroc_influence(self, scored: ScoredPairs) -> Influence:
        """The mean AUROC and its derivatives, where every protein counts once."""
        joint, others = self.weights_down_to(np.ones(scored.n_proteins))
        above = (joint - increments(joint) / 2)[self.runs] - self.sum_before(joint)[self.owners]
        passed = (others - increments(others) / 2)[self.runs] - self.sum_before(others)[self.owners]
        won = np.where(
            self.labels,
            1 - passed / self.n_others[self.owners],
            above / self.n_joint[self.owners],
        )
        n_alike = np.where(self.labels, self.n_joint[self.owners], self.n_others[self.owners])
        by_owner = np.bincount(self.owners, weights=np.where(self.labels, won / n_alike, 0))
        mean = float(by_owner.mean())
        # Influence of a row: its comparisons with the owner's rows of the other label.
        rows = (won - mean) / n_alike / len(self.proteins)
        proteins = np.bincount(
            self.partners, weights=np.where(self.is_self, 0, rows), minlength=scored.n_proteins
        )
        proteins[self.proteins] += (by_owner - mean) / len(self.proteins)
        pairs = np.bincount(self.pairs, weights=rows, minlength=len(scored))
        # Sum of squares over single comparisons, won or lost; ties make the sum smaller.
        squares = (by_owner * (1 - 2 * mean) + mean**2) / (self.n_joint * self.n_others)
        total = pairs @ pairs * len(self.proteins) ** 2
        return Influence(
            mean, pairs, proteins, repeated=float(squares.sum() / total) if total else 0.0
        )

    @cached_property
    def runs(self) -> np.ndarray:
        """Position in ``ends`` of each row's run; ``(row,)``."""
        return np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=-1))

    def weights_down_to(self, multiplicity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weight of interactions and of non-pairs down to each run, over all proteins.

        The sums are whole numbers, so subtracting the sums of earlier proteins is exact.
        """
        weights = np.where(self.is_self, 1.0, multiplicity[self.partners])
        return cumulative_weights(self.labels, weights, self.ends)

    def sum_before(self, cumulative: np.ndarray) -> np.ndarray:
        """The part of a running sum that comes from earlier proteins; ``(protein,)``."""
        return from_zero(cumulative[self.last[:-1]])


def per_protein_auroc(scored: ScoredPairs) -> float:
    """Mean AUROC among each protein's own pairs, over proteins with both labels.

    Raises:
        UndefinedMetricError: if no protein has both labels.
    """
    return value(PerProteinAUROC(), scored)
