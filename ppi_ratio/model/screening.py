"""A model and vectors -> a screen, divided into parts that can be searched in any order."""

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError
from ppi_ratio.model.probability import DEFAULT_PRIOR, Rule
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.model.sides import Side
from ppi_ratio.pairs import PairTable
from ppi_ratio.runtime.devices import Device, choose_device
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.search import Hits, Query, Searcher, searcher
from ppi_ratio.search.searching import TILE_LEFTS

logger = logging.getLogger(__name__)

PAIRS_PER_PART = 2**27
LEFTS_STEP = TILE_LEFTS  # parts begin at multiples of it, so that no tile is cut

ScreenPrecision = Literal["fp32", "tf32", "bf16"]


@dataclass(frozen=True)
class ScreenOptions:
    """Which hits a screen keeps, and on which device it searches.

    Attributes:
        top_k: most partners of each left protein; None for all above ``min_log_ratio``.
        min_log_ratio: lowest log ratio of a hit, in nats.
        prior: share of interactions among the searched pairs, for ``probability``.
        precision: number format of the search; hits of "bf16" are scored again in fp32.
        device: "auto" takes CUDA if present, else MPS, else the CPU.
        threads: threads on a CPU; as many as PyTorch would use if not given.

    Raises:
        ConfigError: if a value is not allowed; the message names the option.

    Examples:
        >>> import ppi_ratio as pr
        >>> pr.ScreenOptions(top_k=None, min_log_ratio=2.0).precision  # every pair above 2 nats
        'fp32'
        >>> pr.ScreenOptions(threads=0)
        Traceback (most recent call last):
        ppi_ratio.errors.ConfigError: threads must be at least 1, got 0
    """

    top_k: int | None = 100
    min_log_ratio: float | None = None
    prior: float = DEFAULT_PRIOR
    precision: ScreenPrecision = "fp32"
    device: Device = "auto"
    threads: int | None = None

    def __post_init__(self) -> None:
        for name, choices in (("precision", ScreenPrecision), ("device", Device)):
            if getattr(self, name) not in get_args(choices):
                known = ", ".join(get_args(choices))
                raise ConfigError(f"{name} {getattr(self, name)!r} is not one of {known}")
        if self.threads is not None and self.threads < 1:
            raise ConfigError(f"threads must be at least 1, got {self.threads}")


@dataclass(frozen=True)
class Screen:
    """A planned screen: which pairs it searches and what it keeps. Nothing is computed yet.

    Attributes:
        model: the model that scores.
        vectors: vectors of the encoder that the model was trained on.
        lefts: proteins to find partners for.
        rights: proteins to look among.
        known: pairs to leave out.
        options: which hits to keep, and how to search.
        query: which hits to keep, in the form that the search takes.
        rule: how probabilities follow from log ratios; None if they do not.
        parts: ranges of left proteins; each range is searched as a whole.
    """

    model: RatioModel
    vectors: Embeddings
    lefts: Side
    rights: Side
    known: PairTable | None
    options: ScreenOptions
    query: Query
    rule: Rule | None
    parts: tuple[range, ...]

    @classmethod
    def plan(
        cls,
        model: RatioModel,
        vectors: Embeddings,
        *,
        left: Sequence[str] | None,
        right: Sequence[str] | None,
        known: PairTable | None,
        options: ScreenOptions,
        shard: Shard,
    ) -> "Screen":
        """Find the proteins, and divide the left proteins of a shard into parts.

        Raises:
            InputError: if an id has no vector.
            ProvenanceError: if the vectors are of another encoder.
            ConfigError: if the precision does not suit the critic, or a setting is wrong.
        """
        rule = model.probability_rule(options.prior)
        if model.card.noise.kinds == "two" and left is None and right is None:
            logger.warning(
                "the model learned from pairs of two kinds of proteins, and this screen looks at "
                "pairs of one kind too, about which its ratio says nothing; list one kind on the "
                "left and the other on the right"
            )
        model.check_vectors(vectors)
        if options.precision == "bf16" and not model.scorer.critic.has_matrix_product:
            raise ConfigError(
                f"precision bf16: critic {model.card.critic.name} has no matrix product between "
                "proteins; use fp32"
            )
        vectors = model.scorer.usable(vectors, left, right)
        lefts, rights = (Side.of(vectors, ids) for ids in (left, right))
        query = model.search_query(
            lefts.rows, rights.rows, top_k=options.top_k, min_log_ratio=options.min_log_ratio
        )
        lefts_of_shard = _shard_lefts(len(lefts.rows), shard, upper=query.upper_triangle)
        parts = tuple(_part_ranges(lefts_of_shard, len(rights.rows)))
        return cls(model, vectors, lefts, rights, known, options, query, rule, parts)

    def n_pairs(self, parts: Sequence[int]) -> int:
        """Number of pairs to search in these parts."""
        return sum(len(self.parts[number]) for number in parts) * len(self.rights.rows)

    def search(
        self, parts: Sequence[int], advance: Callable[[int], None]
    ) -> Iterator[tuple[int, Hits, float]]:
        """Search these parts; yield the number of each part, its hits, and the error of bf16.

        The error is the largest one so far, in nats. ``advance`` is called with the number of pairs
        that were just searched.
        """
        matrix = self.model.search_matrix(
            self.vectors,
            self.lefts.rows,
            self.rights.rows,
            known=self.known,
            bfloat16=self.options.precision == "bf16",
            device=choose_device(self.options.device),
        )
        with (
            _precision_of_products(self.options.precision),
            searcher(matrix, self.query, threads=self.options.threads) as searching,
        ):
            for number in parts:
                hits = _search_part(searching, self.parts[number], advance)
                yield number, hits, searching.largest_error

    def identity(self, shard: Shard) -> dict[str, object]:
        """Everything that the hits depend on; threads, device and prior change no hit."""
        same = np.array_equal(self.lefts.rows, self.rights.rows)
        left = self.vectors.content_hash(self.lefts.rows)
        return {
            "model": self.model.content_hash(),
            "left": left,
            "right": left if same else self.vectors.content_hash(self.rights.rows),
            "known": self.known.content_hash() if self.known is not None else None,
            "top_k": self.options.top_k,
            "min_log_ratio": self.options.min_log_ratio,
            "precision": self.options.precision,
            "shard": f"{shard.number}/{shard.count}",
        }


def _search_part(searching: Searcher, lefts: range, advance: Callable[[int], None]) -> Hits:
    n_rights = searching.matrix.shape[1]
    return searching.best(lefts, lambda n_lefts: advance(n_lefts * n_rights))


@contextmanager
def _precision_of_products(precision: ScreenPrecision) -> Iterator[None]:
    """Let a GPU round the factors of products to TF32, about three digits, if chosen."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _shard_lefts(n_lefts: int, shard: Shard, *, upper: bool) -> range:
    """The consecutive left proteins of a shard.

    If ``upper``, a left protein is searched against later right proteins only. An early left
    protein then has more pairs, so the first shards get fewer left proteins.

    Shards are cut between the tiles of the whole search, because products of other shapes would be
    rounded differently.
    """
    n_blocks = -(-n_lefts // LEFTS_STEP)
    blocks = shard.bounds(n_blocks)
    if upper:
        ends = (shard.number / shard.count, (shard.number + 1) / shard.count)
        blocks = range(*(round(n_blocks * (1 - math.sqrt(1 - share))) for share in ends))
    return range(blocks.start * LEFTS_STEP, min(blocks.stop * LEFTS_STEP, n_lefts))


def _part_ranges(lefts: range, n_rights: int) -> Iterator[range]:
    step = max(1, PAIRS_PER_PART // max(1, n_rights) // LEFTS_STEP) * LEFTS_STEP
    for start in range(lefts.start, lefts.stop, step):
        yield range(start, min(start + step, lefts.stop))
