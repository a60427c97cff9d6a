"""``RatioModel``: scores, screens and matrices of pairs, from a critic and what calibrates it."""

import dataclasses
import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from ppi_ratio.critics import CriticFactory
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError, StageError
from ppi_ratio.model.card import ModelCard
from ppi_ratio.model.renormalise import against_noise, drawn_apart
from ppi_ratio.model.scoring import Scorer
from ppi_ratio.model.store import (
    LEFT_DEGREE,
    RIGHT_DEGREE,
    StoredModel,
    hash_model,
    read_model,
    write_model,
)
from ppi_ratio.objectives import Objective
from ppi_ratio.pairs import LEFT, NOTE, RIGHT, PairTable, classes_of, read_candidates
from ppi_ratio.search import Grid, Hits, Wanted, searcher

logger = logging.getLogger(__name__)

LOG_RATIO, PROBABILITY, PAIR_CLASS = "log_ratio", "probability", "pair_class"
DEFAULT_PRIOR = 0.01


@dataclasses.dataclass(frozen=True, eq=False)
class RatioModel:
    """A learned log p(left, right) / (p(left) p(right)), in nats.

    Attributes:
        card: settings, provenance and how the scores were normalised.
        scorer: the critic and what makes its scores log ratios.
        degrees: training pairs of each training protein, indexed by id, on each side.
        history: losses per epoch, in nats.
    """

    card: ModelCard
    scorer: Scorer
    degrees: pd.DataFrame = dataclasses.field(repr=False)
    history: pd.DataFrame = dataclasses.field(repr=False)

    @property
    def gives_log_ratios(self) -> bool:
        """Not where the objective learns something else; no probability follows from that."""
        return not self.card.objective.optimum.is_skewed

    def score(
        self,
        pairs: PairTable | pd.DataFrame | Path | str,
        vectors: Embeddings,
        *,
        prior: float = DEFAULT_PRIOR,
        renormalise: bool = False,
    ) -> pd.DataFrame:
        """Score pairs; one output row for each input row, in order.

        Args:
            pairs: ids of candidates; a file is read as ``read_candidates`` does.
            vectors: from the encoder that the model was trained on.
            prior: share of interactions among the pairs asked about, for ``probability``.
            renormalise: make the mean ratio one over pairs drawn from the lefts and the rights of
                these pairs, as ``model.renormalise`` says. For many pairs of proteins of which
                training knew few, and as they come: among the partners of one protein, or pairs
                picked by hand, the mean ratio need not be one.

        Returns:
            Columns left, right, log_ratio (nats), probability = sigmoid(log_ratio +
            logit(prior)), NaN if the objective does not learn log ratios, pair_class (C1, C2 or
            C3: both, one or none of the proteins were in training) and note: why a row has no
            score, else empty.

        Raises:
            StageError: if the vectors are of another encoder.
            ConfigError: if ``prior`` is not strictly between 0 and 1.
            ValueError: if pairs of one protein with itself are all there are to renormalise.
        """
        self.check_vectors(vectors)
        self.check_prior(prior)
        candidates = pairs.frame if isinstance(pairs, PairTable) else read_candidates(pairs)
        left, right = candidates[LEFT].to_numpy(), candidates[RIGHT].to_numpy()
        left_rows, right_rows = vectors.rows(left), vectors.rows(right)
        notes = _notes(candidates, left_rows, right_rows)
        scored = (notes == "").to_numpy()
        log_ratio = np.full(len(candidates), np.nan, dtype=np.float32)
        sides = left_rows[scored], right_rows[scored]
        log_ratio[scored] = self.scorer.score_rows(vectors, *sides)
        if renormalise and scored.any():
            drawn = drawn_apart(*sides, directed=self.card.directed, seed=0)
            noise = self.scorer.score_rows(vectors, *drawn)
            log_ratio[scored] = against_noise(log_ratio[scored], noise)
        return self._table(left, right, log_ratio, prior=prior).assign(**{NOTE: notes.to_numpy()})

    def _table(
        self, left: np.ndarray, right: np.ndarray, log_ratio: np.ndarray, *, prior: float
    ) -> pd.DataFrame:
        return pd.DataFrame(
            {
                LEFT: left,
                RIGHT: right,
                LOG_RATIO: log_ratio,
                PROBABILITY: (
                    _probability(log_ratio, prior)
                    if self.gives_log_ratios
                    else np.full_like(log_ratio, np.nan)
                ),
                PAIR_CLASS: self.pair_classes(left, right),
            }
        )

    def pair_classes(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """C1, C2 or C3 of each pair: both, one or none of its proteins were in training.

        Park & Marcotte (2012), Nature Methods 9, 1134.
        """
        return classes_of(left, right, self.degrees.index)

    def screen(
        self,
        vectors: Embeddings,
        *,
        left: Sequence[str] | None = None,
        right: Sequence[str] | None = None,
        top_k: int | None = 100,
        min_log_ratio: float | None = None,
        known: PairTable | None = None,
        prior: float = DEFAULT_PRIOR,
    ) -> pd.DataFrame:
        """The highest-scoring partners of each left protein, itself left out.

        Hits and what belongs to them are in memory; ``run_screen`` writes them to a file as they
        are found.

        Args:
            vectors: from the encoder that the model was trained on.
            left: ids to find partners for; every protein of ``vectors`` if not given.
            right: ids to look among; every protein if not given.
            top_k: partners of each, at most; None for all above ``min_log_ratio``.
            min_log_ratio: log ratio of a hit, at least, in nats.
            known: pairs to leave out.
            prior: as for ``score``.

        Returns:
            Columns left, right, log_ratio, probability and pair_class as of ``score``, highest
            log ratio first. Without a direction a pair may stand there twice among the best
            ``top_k``, once for each of its proteins; without ``top_k`` it stands there once if
            left and right are the same proteins.

        Raises:
            KeyError: if an id has no vector.
            StageError: if the vectors are of another encoder.
            ConfigError: if ``prior`` is not strictly between 0 and 1.
            ValueError: if neither ``top_k`` nor ``min_log_ratio`` is given.
        """
        self.check_prior(prior)
        self.check_vectors(vectors)
        left_rows, right_rows = (rows_of(vectors, ids) for ids in (left, right))
        grid = self.grid(vectors, left_rows, right_rows, known=known)
        wanted = self.wanted(left_rows, right_rows, top_k=top_k, lowest=min_log_ratio)
        with searcher(grid, wanted) as found:
            hits = found.best(range(len(left_rows)))
        return self.hit_table(vectors, left_rows, right_rows, hits, prior=prior)

    def score_matrix(
        self,
        vectors: Embeddings,
        *,
        left: Sequence[str] | None = None,
        right: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Log ratios of every left against every right, in nats, self pairs and all.

        It is in memory as a whole, four bytes a pair: 1.7 GB for the human proteome. ``screen``
        keeps the best and holds a tile at a time.

        Args:
            vectors: from the encoder that the model was trained on.
            left: ids of the rows; every protein of ``vectors`` if not given.
            right: ids of the columns; every protein if not given.

        Raises:
            KeyError: if an id has no vector.
            StageError: if the vectors are of another encoder.
        """
        self.check_vectors(vectors)
        left_rows, right_rows = (rows_of(vectors, ids) for ids in (left, right))
        nothing = np.empty(0, dtype=np.int64)
        grid = self.scorer.grid(vectors, left_rows, right_rows, excluded=(nothing, nothing))
        ids = np.array(vectors.ids, dtype=object)
        return pd.DataFrame(grid.matrix(), index=ids[left_rows], columns=ids[right_rows])

    def grid(
        self,
        vectors: Embeddings,
        left_rows: np.ndarray,
        right_rows: np.ndarray,
        *,
        known: PairTable | None,
        coarse: bool = False,
        device: torch.device | None = None,
    ) -> Grid:
        """What a search looks through: no protein meets itself, and no known pair is found."""
        excluded = _excluded(vectors, known, left_rows, right_rows, directed=self.card.directed)
        return self.scorer.grid(
            vectors, left_rows, right_rows, excluded=excluded, coarse=coarse, device=device
        )

    def wanted(
        self,
        left_rows: np.ndarray,
        right_rows: np.ndarray,
        *,
        top_k: int | None,
        lowest: float | None,
    ) -> Wanted:
        """What a search looks for; see ``screen``."""
        same = np.array_equal(left_rows, right_rows)
        return Wanted(top_k, lowest, upper=top_k is None and same and not self.card.directed)

    def hit_table(
        self,
        vectors: Embeddings,
        left_rows: np.ndarray,
        right_rows: np.ndarray,
        hits: Hits,
        *,
        prior: float,
    ) -> pd.DataFrame:
        """Hits with ids and probabilities, in their order."""
        ids = np.array(vectors.ids, dtype=object)
        left, right = ids[left_rows[hits["left"]]], ids[right_rows[hits["right"]]]
        return self._table(left, right, hits["log_ratio"], prior=prior)

    def check_vectors(self, vectors: Embeddings) -> None:
        """Refuse vectors that the critic was not trained on.

        Raises:
            StageError: naming both encoders.
        """
        wanted = self.card.provenance
        if not wanted.same_space(vectors.provenance) or vectors.dim != self.card.dim:
            raise StageError(
                f"the model was trained on {self.card.dim} numbers a protein "
                f"({wanted.describe()}), these vectors have {vectors.dim} "
                f"({vectors.provenance.describe()}); embed the proteins with the model's encoder"
            )

    def check_prior(self, prior: float) -> None:
        """Refuse what is no share; say where no probability follows from the scores at any.

        Raises:
            ConfigError: if it is not strictly between 0 and 1.
        """
        if not 0 < prior < 1:
            raise ConfigError(f"the prior is a share strictly between 0 and 1, not {prior}")
        if not self.gives_log_ratios:
            logger.warning(
                "%s does not learn log ratios: read the scores by their order alone; the "
                "probability is left empty",
                self.card.objective.name,
            )

    def check_direction(self, pairs: PairTable) -> None:
        """Refuse pairs that have a direction where those of training had none, or the reverse.

        Raises:
            ValueError: naming the table.
        """
        if pairs.directed != self.card.directed:
            kinds = {True: "directed", False: "undirected"}
            raise ValueError(
                f"{pairs.name} was read as {kinds[pairs.directed]}, the model learned "
                f"{kinds[self.card.directed]} pairs; read it the same way"
            )

    def save(self, path: Path | str) -> None:
        """Write the model's folder, replacing what is there only if that is a model too.

        Raises:
            InputError: if something else is at ``path``.
        """
        write_model(StoredModel(self.card, self.scorer, self.degrees, self.history), Path(path))

    @classmethod
    def load(
        cls,
        path: Path | str,
        *,
        critic: type[CriticFactory] | None = None,
        objective: type[Objective] | None = None,
    ) -> "RatioModel":
        """Read a model's folder.

        Args:
            path: the folder.
            critic: class of the critic's settings, needed where ``CRITICS`` does not list it.
            objective: class of the objective, needed where ``OBJECTIVES`` does not list it.

        Raises:
            ConfigError: if a class is needed and not given, or another class is given.
            FileNotFoundError: if there is no model at ``path``.
            InputError: if a file of it is damaged.
            StageError: if it was written by a newer format.
        """
        return cls(*read_model(Path(path), critic=critic, objective=objective))

    def content_hash(self) -> str:
        """SHA-256 of the weights and of the card; the same for the same model only."""
        return hash_model(self.card, self.scorer)


def _excluded(
    vectors: Embeddings,
    known: PairTable | None,
    left_rows: np.ndarray,
    right_rows: np.ndarray,
    *,
    directed: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of each protein with itself and of known pairs, among lefts and rights."""
    left_at = pd.Series(np.arange(len(left_rows)), index=left_rows)
    right_at = pd.Series(np.arange(len(right_rows)), index=right_rows)
    pairs = [(left_rows, left_rows)]
    if known is not None:
        left, right = vectors.rows(known.frame[LEFT]), vectors.rows(known.frame[RIGHT])
        pairs += [(left, right)] if directed else [(left, right), (right, left)]
    left = left_at.reindex(np.concatenate([left for left, _ in pairs]), fill_value=-1).to_numpy()
    right = right_at.reindex(
        np.concatenate([right for _, right in pairs]), fill_value=-1
    ).to_numpy()
    both = (left >= 0) & (right >= 0)
    return left[both], right[both]


def _notes(candidates: pd.DataFrame, left_rows: np.ndarray, right_rows: np.ndarray) -> pd.Series:
    """Why each row has no score, empty if it has one."""
    notes = pd.Series("", index=candidates.index, dtype="str")
    for side, rows in ((RIGHT, right_rows), (LEFT, left_rows)):
        missing = rows < 0
        notes[missing] = "no vector for " + candidates.loc[missing, side].astype(str)
    both = (left_rows < 0) & (right_rows < 0)
    notes[both] += " and " + candidates.loc[both, RIGHT].astype(str)
    if NOTE in candidates:
        given = candidates[NOTE] != ""
        notes[given] = candidates.loc[given, NOTE]
    return notes


def degree_table(training: PairTable) -> pd.DataFrame:
    """Joint training pairs of each protein on each side; without a direction on both alike."""
    sides = ("left", "right") if training.directed else ("both", "both")
    columns = {
        name: training.degrees(side)
        for name, side in zip((LEFT_DEGREE, RIGHT_DEGREE), sides, strict=True)
    }
    return pd.DataFrame(columns).fillna(0).astype(int).sort_index()


def rows_of(vectors: Embeddings, ids: Sequence[str] | None) -> np.ndarray:
    """Rows of distinct ids, in their order; of every protein if None.

    Raises:
        KeyError: if an id has no vector.
    """
    if ids is None:
        return np.arange(len(vectors.ids))
    ids = list(dict.fromkeys(ids))
    rows = vectors.rows(ids)
    if (rows < 0).any():
        missing = [name for name, row in zip(ids, rows, strict=True) if row < 0]
        raise KeyError(f"{len(missing)} of {len(ids)} ids have no vector, e.g. {missing[0]}")
    return rows


def _probability(log_ratio: np.ndarray, prior: float) -> np.ndarray:
    """By Bayes' rule; in double precision, as the odds of a prior may be far from one."""
    log_odds = torch.from_numpy(log_ratio).double() + math.log(prior / (1 - prior))
    return log_odds.sigmoid().float().numpy()
