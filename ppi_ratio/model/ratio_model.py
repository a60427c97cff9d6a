"""``RatioModel``: a trained critic with its normaliser, which scores pairs and screens proteins."""

import dataclasses
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from ppi_ratio.critics import CriticFactory
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import InputError, ProvenanceError
from ppi_ratio.model.card import ModelCard
from ppi_ratio.model.probability import DEFAULT_PRIOR, Rule
from ppi_ratio.model.reference_law import PSEUDOCOUNT, check_learned_law, log_ratios_against
from ppi_ratio.model.renormalise import against_noise, random_pairs
from ppi_ratio.model.scoring import Scorer
from ppi_ratio.model.sides import Side, excluded_pairs
from ppi_ratio.model.store import LEFT_DEGREE, StoredModel, hash_model, read_model, write_model
from ppi_ratio.model.tables import LOG_RATIO, hit_table, notes_of, score_table
from ppi_ratio.model.training_proteins import TrainingProteins
from ppi_ratio.objectives import Objective
from ppi_ratio.pairs import LEFT, NOTE, RIGHT, PairColumns, PairTable, class_names, read_candidates
from ppi_ratio.search import Hits, Query, ScoreMatrix, searcher

logger = logging.getLogger(__name__)

NO_LOG_RATIOS = (
    "does not learn log ratios: use only the order of the scores; the probability is left empty"
)


@dataclasses.dataclass(frozen=True, eq=False)
class RatioModel:
    """A learned log p(left, right) / (p(left) p(right)), in nats.

    Attributes:
        card: settings, provenance and how the scores were normalised.
        scorer: the critic, and the normaliser that turns its scores into log ratios.
        degrees: number of training interactions of each protein on each side, and its sequence
            hash (empty if unknown); indexed by id.
        history: losses per epoch, in nats.
    """

    card: ModelCard
    scorer: Scorer
    degrees: pd.DataFrame = dataclasses.field(repr=False)
    history: pd.DataFrame = dataclasses.field(repr=False)

    def __repr__(self) -> str:
        n_left_ends = int(self.degrees[LEFT_DEGREE].to_numpy().sum())
        n_pairs = n_left_ends if self.card.directed else n_left_ends // 2
        return self.card.summary(n_pairs, len(self.degrees))

    @cached_property
    def training_proteins(self) -> TrainingProteins:
        """The proteins of training, found under any of their ids and by their sequences."""
        return TrainingProteins(self.degrees)

    @property
    def gives_log_ratios(self) -> bool:
        """Whether the objective learns log ratios; only these turn into probabilities."""
        return not self.card.objective.optimum.is_skewed

    def score(
        self,
        pairs: PairTable | pd.DataFrame | Path | str,
        vectors: Embeddings,
        *,
        prior: float = DEFAULT_PRIOR,
        prevalence: float | None = None,
        renormalise: bool = False,
        columns: PairColumns | str | None = None,
    ) -> pd.DataFrame:
        """Score pairs; one output row for each input row, in order.

        Args:
            pairs: ids of candidates; a file is read as ``read_candidates`` does.
            vectors: vectors of the encoder that the model was trained on.
            prior: share of interactions among all pairs of such proteins, for ``probability``;
                see ``model.probability``.
            prevalence: if these pairs are not all pairs but a mixture of interactions and
                non-pairs, such as a benchmark or a short list: the share of interactions in it.
            renormalise: rescale ratios so that random pairs of these proteins have mean ratio 1;
                see ``model.renormalise``. Use it for large, unselected sets of new proteins. Do
                not use it for the partners of one protein, or for pairs picked by hand.
            columns: which columns of ``pairs`` to read, as for ``read_pairs``.

        Returns:
            Columns left and right (ids as in ``pairs``), log_ratio (nats), probability,
            pair_class (C1, C2 or C3: both, one or none of the proteins were in training), and
            note: why a row has no score, else empty. The probability is prior · ratio, at most 1;
            with ``prevalence`` it is Bayes' rule in the mixture. It is NaN if the objective does
            not learn log ratios.

        Raises:
            ProvenanceError: if the vectors are of another encoder.
            ConfigError: if ``prior`` or ``prevalence`` is not strictly between 0 and 1.
            InputError: if all pairs to renormalise are of one protein with itself.

        Examples:
            >>> import pandas as pd
            >>> import ppi_ratio as pr
            >>> pairs, vectors = pr.toy_data()
            >>> few_epochs = pr.TrainerSettings(max_epochs=5)
            >>> model = pr.fit(pairs, vectors, trainer=few_epochs, progress=False)
            >>> candidates = pd.DataFrame({"left": ["P000", "P000"], "right": ["P001", "XXX"]})
            >>> scores = model.score(candidates, vectors)
            >>> list(scores["pair_class"]), list(scores["note"])
            (['C1', 'C2'], ['', 'no vector for XXX'])
        """
        self.check_vectors(vectors)
        rule = self.probability_rule(prior, prevalence)
        source = pairs.frame if isinstance(pairs, PairTable) else pairs
        candidates = read_candidates(source, columns=columns)
        left, right = candidates[LEFT].to_numpy(), candidates[RIGHT].to_numpy()
        vectors = self.scorer.usable(vectors, left, right)
        left_rows, right_rows = vectors.rows(left), vectors.rows(right)
        notes = notes_of(candidates, left_rows, right_rows, vectors)
        scored = (notes == "").to_numpy()
        log_ratio = np.full(len(candidates), np.nan, dtype=np.float32)
        sides = left_rows[scored], right_rows[scored]
        log_ratio[scored] = self.scorer.score_rows(vectors, *sides)
        if renormalise and scored.any():
            drawn = random_pairs(*sides, directed=self.card.directed, seed=0)
            noise = self.scorer.score_rows(vectors, *drawn)
            log_ratio[scored] = against_noise(log_ratio[scored], noise)
        classes = self.pair_classes(left, right, vectors)
        table = score_table(left, right, log_ratio, classes, rule=rule)
        return table.assign(**{NOTE: notes.to_numpy()})

    def probability_rule(self, prior: float, prevalence: float | None = None) -> Rule | None:
        """How probabilities follow from log ratios; None, with a warning, if they do not.

        Raises:
            ConfigError: if a share is not strictly between 0 and 1.
        """
        rule = Rule(prior, prevalence, noise_is_all_pairs=self.card.noise.is_all_pairs)
        if not self.gives_log_ratios:
            logger.warning("%s %s", self.card.objective.name, NO_LOG_RATIOS)
        return rule if self.gives_log_ratios else None

    def pair_classes(
        self, left: np.ndarray, right: np.ndarray, vectors: Embeddings | None = None
    ) -> np.ndarray:
        """C1, C2 or C3 of each pair: both, one or none of its proteins were in training.

        Park & Marcotte (2012), Nature Methods 9, 1134. With ``vectors``, a protein was in training
        also if its sequence was, under another id. Only known sequence hashes can show that.
        """
        seen = self.training_proteins.seen(np.concatenate([left, right]), vectors)
        return class_names(*np.split(seen, 2))

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

        All hits are held in memory; ``screen_file`` writes them to a file as they are found.

        Args:
            vectors: vectors of the encoder that the model was trained on.
            left: ids to find partners for; every protein of ``vectors`` if not given.
            right: ids to look among; every protein if not given. If several ids name one protein,
                the first is used.
            top_k: most partners of each left protein; None for all above ``min_log_ratio``.
            min_log_ratio: lowest log ratio of a hit, in nats.
            known: pairs to leave out.
            prior: share of interactions among the searched pairs, as for ``score``.

        Returns:
            The columns left, right, log_ratio, probability and pair_class that ``score`` gives,
            highest log ratio first; left, right and pair_class are categories. Ids are those of
            ``left`` and ``right``, or accessions if these were not given. An undirected pair may
            be among the best ``top_k`` of both of its proteins, and then has two rows. Without
            ``top_k`` it has one row if left and right are the same proteins.

        Raises:
            InputError: if an id has no vector.
            ProvenanceError: if the vectors are of another encoder.
            ConfigError: if ``prior`` is not strictly between 0 and 1, or neither ``top_k`` nor
                ``min_log_ratio`` is given.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, vectors = pr.toy_data()
            >>> few_epochs = pr.TrainerSettings(max_epochs=5)
            >>> model = pr.fit(pairs, vectors, trainer=few_epochs, progress=False)
            >>> hits = model.screen(vectors, left=["P000", "P002"], top_k=3, known=pairs)
            >>> len(hits), bool(hits["log_ratio"].is_monotonic_decreasing)
            (6, True)
            >>> kinds = hits["right"].str[1:].astype(int) % 3  # 1 fits P000, and 2 fits P002
            >>> sorted(set(kinds))
            [1, 2]
        """
        rule = self.probability_rule(prior)
        self.check_vectors(vectors)
        vectors = self.scorer.usable(vectors, left, right)
        lefts, rights = (Side.of(vectors, ids) for ids in (left, right))
        matrix = self.search_matrix(vectors, lefts.rows, rights.rows, known=known)
        query = self.search_query(lefts.rows, rights.rows, top_k=top_k, min_log_ratio=min_log_ratio)
        with searcher(matrix, query) as found:
            hits = found.best(range(len(lefts.rows)))
        return self.hit_table(vectors, lefts, rights, hits, rule=rule)

    def score_matrix(
        self,
        vectors: Embeddings,
        *,
        left: Sequence[str] | None = None,
        right: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Log ratios of every left against every right, in nats, self pairs included.

        The whole matrix is in memory, four bytes a pair: 1.7 GB for the human proteome. ``screen``
        holds one tile at a time and keeps the best pairs.

        Args:
            vectors: vectors of the encoder that the model was trained on.
            left: ids of the rows; every protein of ``vectors`` if not given.
            right: ids of the columns; every protein if not given.

        Raises:
            InputError: if an id has no vector.
            ProvenanceError: if the vectors are of another encoder.
        """
        self.check_vectors(vectors)
        lefts, rights = (Side.of(vectors, ids) for ids in (left, right))
        none = np.empty(0, dtype=np.int64)
        matrix = self.scorer.score_matrix(vectors, lefts.rows, rights.rows, excluded=(none, none))
        return pd.DataFrame(matrix.to_numpy(), index=lefts.names, columns=rights.names)

    def search_matrix(
        self,
        vectors: Embeddings,
        left_rows: np.ndarray,
        right_rows: np.ndarray,
        *,
        known: PairTable | None,
        bfloat16: bool = False,
        device: torch.device | None = None,
    ) -> ScoreMatrix:
        """The pairs that a search looks at: all but self pairs and known pairs."""
        excluded = excluded_pairs(
            vectors, known, left_rows, right_rows, directed=self.card.directed
        )
        return self.scorer.score_matrix(
            vectors, left_rows, right_rows, excluded=excluded, bfloat16=bfloat16, device=device
        )

    def search_query(
        self,
        left_rows: np.ndarray,
        right_rows: np.ndarray,
        *,
        top_k: int | None,
        min_log_ratio: float | None,
    ) -> Query:
        """Which pairs a search returns, by the rules of ``screen``."""
        same = np.array_equal(left_rows, right_rows)
        once = top_k is None and same and not self.card.directed
        return Query(top_k, min_log_ratio, upper_triangle=once)

    def hit_table(
        self,
        vectors: Embeddings,
        lefts: Side,
        rights: Side,
        hits: Hits,
        *,
        rule: Rule | None,
    ) -> pd.DataFrame:
        """Hits with names, probabilities and classes, in the order of the hits."""
        names = lefts.names, rights.names
        seen = [self.training_proteins.seen(each, vectors) for each in names]
        return hit_table(hits, *names, *seen, rule=rule)

    def against(
        self,
        scores: pd.DataFrame,
        law: str,
        *,
        pseudocount: float = PSEUDOCOUNT,
        vectors: Embeddings | None = None,
    ) -> pd.DataFrame:
        """Add a column ``log_ratio_<law>`` to scores: log ratios against another noise law.

        See ``reference_law`` for which law suits which non-pairs. Rows without a score stay
        without one.

        Args:
            scores: what ``score`` or ``screen`` of this model returned.
            law: the law that the ratios shall compare with, a key of ``NOISE_LAWS``.
            pseudocount: as for ``unary_log_weights``.
            vectors: as for ``pair_classes``.

        Raises:
            ConfigError: if the model learned from labelled non-pairs, the law is unknown, or the
                pseudocount is not positive.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, vectors = pr.toy_data()
            >>> few_epochs = pr.TrainerSettings(max_epochs=5)
            >>> model = pr.fit(pairs, vectors, trainer=few_epochs, progress=False)
            >>> scores = model.score(pairs, vectors)
            >>> list(model.against(scores, "uniform"))[-1]
            'log_ratio_uniform'
        """
        check_learned_law(self.card.noise.law)
        log_ratio = scores[LOG_RATIO].to_numpy(dtype=float)
        left, right = (
            self.training_proteins.named(scores[side], vectors) for side in (LEFT, RIGHT)
        )
        shifted = log_ratios_against(
            law, log_ratio, left, right, self.degrees, pseudocount=pseudocount
        )
        return scores.assign(**{f"{LOG_RATIO}_{law}": shifted})

    def check_vectors(self, vectors: Embeddings) -> None:
        """Refuse vectors of another encoder than the critic was trained on.

        Raises:
            ProvenanceError: if the encoder is another; the message names both.
        """
        wanted = self.card.provenance
        if not wanted.same_space(vectors.provenance) or vectors.dim != self.card.dim:
            raise ProvenanceError(
                f"the model was trained on {self.card.dim} numbers a protein "
                f"({wanted.describe()}), these vectors have {vectors.dim} "
                f"({vectors.provenance.describe()}); embed the proteins with the model's encoder"
            )

    def check_direction(self, pairs: PairTable) -> None:
        """Refuse directed pairs for an undirected model, and undirected pairs for a directed one.

        Raises:
            InputError: if the direction differs; the message names the table.
        """
        if pairs.directed != self.card.directed:
            kinds = {True: "directed", False: "undirected"}
            raise InputError(
                f"{pairs.name} was read as {kinds[pairs.directed]}, the model learned "
                f"{kinds[self.card.directed]} pairs; read it the same way"
            )

    def save(self, path: Path | str) -> None:
        """Write the model's folder; an existing model at ``path`` is replaced.

        Raises:
            InputError: if something other than a model is at ``path``.
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
            critic: class of the critic's settings, needed if ``CRITICS`` does not list it.
            objective: class of the objective, needed if ``OBJECTIVES`` does not list it.

        Raises:
            ConfigError: if a class is needed and not given, or a wrong class is given.
            FileNotFoundError: if there is no model at ``path``.
            InputError: if a file of the model is damaged.
            ProvenanceError: if the model's format is newer than this release reads.

        Examples:
            >>> import ppi_ratio as pr
            >>> pairs, vectors = pr.toy_data()
            >>> short = pr.TrainerSettings(max_epochs=2)
            >>> pr.fit(pairs, vectors, trainer=short, progress=False).save("model")
            >>> pr.RatioModel.load("model").card.objective.name
            'infonce_anchor'
        """
        return cls(*read_model(Path(path), critic=critic, objective=objective))

    def content_hash(self) -> str:
        """SHA-256 of weights and card, in hexadecimal; equal only for equal models."""
        return hash_model(self.card, self.scorer)
