"""Scores -> how well each protein's own partners stand before its other candidates."""

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
    """Mean over proteins with both labels of the AUROC among their own pairs.

    A pair counts for both of its proteins, a self pair once. A protein's own degree and any term
    of the score that depends on it alone cancel, so this asks "do these two fit", not "is this
    one sticky".
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

    Only proteins with both labels among their pairs are in it.

    Attributes:
        proteins: code of each ranked protein; shape ``(protein,)``, as the next three.
        n_joint: number of its joint partners.
        n_others: number of its partners in non-pairs.
        last: position in ``ends`` of its last run.
        pairs: the scored pair that each row stands for; shape ``(row,)``, as the next three.
        owners: position in ``proteins`` of the protein whose partner is ranked.
        partners: code of that partner.
        labels: True where the two are a joint pair.
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
        """The ranking that the metric called ``name`` asks for.

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
                f"{name} is undefined: none of {scored.n_proteins} proteins has both joint pairs "
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
        """Mean over proteins, of comparisons of a joint partner with another one.

        Protein p, its joint partner a and its other partner b count multiplicity(p) ·
        multiplicity(a) · multiplicity(b), over the number of such comparisons of p. A plain mean
        of AUROCs of the protein sample would drop a protein as soon as its only joint partner is
        not drawn, and so turn into the mean over hubs: its bootstrap interval can miss the metric
        itself.
        """
        won, n_joint, n_others = self.won(multiplicity)
        share = multiplicity[self.proteins] / (self.n_joint * self.n_others)
        total = share @ (n_joint * n_others)
        if not total > 0:
            raise UndefinedMetricError(
                f"{name} is undefined: no protein that counts has both joint pairs and "
                "non-pairs with partners that count"
            )
        return float(share @ won / total)

    def aurocs(self) -> np.ndarray:
        """AUROC of each protein, every partner counting once."""
        won, n_joint, n_others = self.won(np.ones(self.partners.max() + 1))
        return won / (n_joint * n_others)

    def won(self, multiplicity: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Comparisons won by joint partners, and the weights of joint and of other partners."""
        joint, others = self.passed(multiplicity)
        joint_before, others_before = self.before(joint), self.before(others)
        n_joint, n_others = joint[self.last] - joint_before, others[self.last] - others_before
        first = np.append(0, self.last[:-1] + 1)
        won = np.add.reduceat(area(joint, others), first) - joint_before * n_others
        return won, n_joint, n_others

    def mean_auroc_influence(self, scored: ScoredPairs) -> Influence:
        """Mean AUROC and its derivatives, where every protein counts once."""
        joint, others = self.passed(np.ones(scored.n_proteins))
        above = (joint - increments(joint) / 2)[self.runs] - self.before(joint)[self.owners]
        passed = (others - increments(others) / 2)[self.runs] - self.before(others)[self.owners]
        won = np.where(
            self.labels,
            1 - passed / self.n_others[self.owners],
            above / self.n_joint[self.owners],
        )
        n_alike = np.where(self.labels, self.n_joint[self.owners], self.n_others[self.owners])
        by_owner = np.bincount(self.owners, weights=np.where(self.labels, won / n_alike, 0))
        mean = float(by_owner.mean())
        # Of a row: its comparisons with the rows of the other label, of the same owner.
        rows = (won - mean) / n_alike / len(self.proteins)
        proteins = np.bincount(
            self.partners, weights=np.where(self.is_self, 0, rows), minlength=scored.n_proteins
        )
        proteins[self.proteins] += (by_owner - mean) / len(self.proteins)
        pairs = np.bincount(self.pairs, weights=rows, minlength=len(scored))
        # Sum of squares of single comparisons, won or lost: ties make it smaller.
        squares = (by_owner * (1 - 2 * mean) + mean**2) / (self.n_joint * self.n_others)
        total = pairs @ pairs * len(self.proteins) ** 2
        return Influence(
            mean, pairs, proteins, repeated=float(squares.sum() / total) if total else 0.0
        )

    @cached_property
    def runs(self) -> np.ndarray:
        """Position in ``ends`` of each row's run; ``(row,)``."""
        return np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=-1))

    def passed(self, multiplicity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weight of joint rows and of others up to the end of each run, over all proteins.

        Sums of whole numbers, so that taking those of earlier proteins off loses nothing.
        """
        weights = np.where(self.is_self, 1.0, multiplicity[self.partners])
        return cumulative_weights(self.labels, weights, self.ends)

    def before(self, cumulative: np.ndarray) -> np.ndarray:
        """What the rows of earlier proteins have put into a running sum; ``(protein,)``."""
        return from_zero(cumulative[self.last[:-1]])


def per_protein_auroc(scored: ScoredPairs) -> float:
    """Mean over proteins with both labels of the AUROC among their pairs.

    Raises:
        UndefinedMetricError: if no protein has both labels.
    """
    return value(PerProteinAUROC(), scored)
