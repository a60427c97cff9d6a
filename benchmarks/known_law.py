"""Networks of a known law -> log ratios against the truth, and probabilities against the outcome.

Proteins have a class and a popularity. A pair of classes has a ratio, scaled so that its mean over
noise pairs is one, and the pair (x, y) interacts with the probability

    w(x, y) = density · popularity(x) · popularity(y) · ratio(class of x, class of y)

Popularity has mean one, so the degree of a protein is in proportion to it, and ``ratio`` is the
density ratio p(x, y) / (p(x) p(y)) exactly. Half of the proteins are for training, and half are
judged, with all their pairs. Vectors tell the class with noise, and nothing of popularity.

    python benchmarks/known_law.py --out benchmarks/results/known_law.tsv
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from scipy.special import expit, logit

import ppi_ratio as pr
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.probability import Rule
from ppi_ratio.pairs import shares_of_interactions
from ppi_ratio.runtime.progress import tracked

N_CLASSES, DIM = 8, 16
N_DRAWN = 400_000  # pairs of the population that is drawn like noise
PRIORS = (0.001, 0.01, 0.1)
PREVALENCES = (0.05, 0.5, 0.9)


@dataclass(frozen=True)
class World:
    """Settings of a network.

    Attributes:
        n_proteins: of each half.
        density: mean of w over all pairs.
        spread: standard deviation of log popularity.
        directed: whether the ratio of (x, y) differs from that of (y, x).
        complexes: whether nearly all interactions are inside a class.
    """

    name: str
    n_proteins: int
    density: float
    spread: float
    directed: bool
    complexes: bool = False


WORLDS = [
    World(f"{name}, {kind}, {degrees}", n, density, spread, kind == "directed")
    for name, n, density in (("sparse", 2000, 0.005), ("dense", 400, 0.12))
    for kind in ("undirected", "directed")
    for degrees, spread in (("equal degrees", 0.0), ("unequal degrees", 0.6 if n > 999 else 0.25))
]
WORLDS.append(World("complexes, undirected, equal degrees", 400, 0.12, 0.0, False, complexes=True))


def main(
    out: Annotated[Path, typer.Option(help="Table to write.")],
    seeds: Annotated[int, typer.Option(help="Networks of each kind.")] = 3,
    only: Annotated[str, typer.Option(help="Worlds whose name begins so.")] = "",
) -> None:
    """Draw networks, train a model on each, and judge it by the truth; write and print the table.

    Each network takes one or two minutes on two cores.
    """
    chosen = [world for world in WORLDS if world.name.startswith(only)]
    runs = [(world, seed) for world in chosen for seed in range(seeds)]
    rows = [row for world, seed in tracked(runs, "networks") for row in judged(world, seed)]
    table = pd.DataFrame(rows)
    write_table(table, out)
    means = table.groupby(["world", "population", "share"], sort=False, dropna=False).mean(
        numeric_only=True
    )
    Console(width=200).print(pd.DataFrame(means).drop(columns="seed").round(3).to_string())


def judged(world: World, seed: int) -> Iterator[dict[str, object]]:
    """One network: a row for the log ratios, and one for each population and share."""
    network = Network(world, seed)
    model = network.train()
    halves = network.judged_halves()
    scores = model.score(halves, network.vectors, renormalise=True)
    log_ratio = scores["log_ratio"].to_numpy(dtype=float)
    truth, w, popular = (network.of(halves, name) for name in ("log_ratio", "w", "popularity"))
    weights = popular / popular.sum()  # as often as noise draws the pair
    rng = np.random.default_rng(seed + 1)
    start: dict[str, object] = {"world": world.name, "seed": seed}
    yield start | {"population": "log ratios"} | fitted(log_ratio, truth, weights)
    drawn = rng.choice(len(halves), N_DRAWN, p=weights)
    for prior in PRIORS:
        # in a population of pairs that are drawn like noise, a share w = prior · ratio interacts
        shares = np.minimum(prior * np.exp(truth[drawn]), 1)
        labels = rng.random(N_DRAWN) < shares
        found = compared(Rule(prior), log_ratio[drawn], labels, prior)
        yield start | {"population": "drawn like noise", "share": prior} | found
    labels = rng.random(len(halves)) < w
    known = pr.PairTable.from_rows(
        halves.loc[labels], directed=world.directed, name="judged", self_pairs="drop"
    )
    share = float(shares_of_interactions(known, seen=(), known=None)[0])
    for prevalence in PREVALENCES:
        rows = mixture(rng, labels, weights, prevalence)
        found = compared(Rule(share, prevalence), log_ratio[rows], labels[rows], prevalence)
        yield start | {"population": "mixture", "share": prevalence} | found
    density = float(w.mean())
    found = compared(Rule(density), log_ratio, labels, density)
    yield start | {"population": "all pairs", "share": world.density} | found


def mixture(
    rng: np.random.Generator, labels: np.ndarray, weights: np.ndarray, prevalence: float
) -> np.ndarray:
    """Rows of interactions and of non-pairs, each non-pair drawn as often as noise draws it."""
    joint, others = np.flatnonzero(labels), np.flatnonzero(~labels)
    n = 20_000
    n_joint = round(prevalence * n)
    shares = weights[others] / weights[others].sum()
    return np.concatenate([rng.choice(joint, n_joint), rng.choice(others, n - n_joint, p=shares)])


def fitted(log_ratio: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """Bias, slope and RMSE of log ratios, over pairs as noise draws them."""
    gap = log_ratio - truth
    slope = np.polyfit(truth, log_ratio, 1, w=np.sqrt(weights))[0]
    return {
        "bias": float(weights @ gap),
        "slope": float(slope),
        "rmse": float(np.sqrt(weights @ gap**2)),
    }


def compared(
    rule: Rule, log_ratio: np.ndarray, labels: np.ndarray, share: float
) -> dict[str, float]:
    """Probabilities against the share that interacts, overall and in ten bins of equal size.

    ``ece_sigmoid`` is the error of sigmoid(log ratio + logit(share)), whatever the population.
    """
    said = rule(log_ratio)
    plain = _bins(expit(log_ratio + logit(share)), labels)
    pairs = _bins(said, labels)
    return {
        "said": float(said.mean()),
        "observed": float(labels.mean()),
        "top_said": pairs[-1, 0],
        "top_observed": pairs[-1, 1],
        "ece": float(np.abs(pairs[:, 0] - pairs[:, 1]).mean()),
        "worst_bin": float(np.abs(pairs[:, 0] - pairs[:, 1]).max()),
        "ece_sigmoid": float(np.abs(plain[:, 0] - plain[:, 1]).mean()),
    }


def _bins(said: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of what was said, and share that interacts, in ten bins; ``(10, 2)``."""
    order = np.argsort(said, kind="stable")
    bins = np.array_split(order, 10)
    return np.array([(said[rows].mean(), labels[rows].mean()) for rows in bins])


class Network:
    """Proteins, their vectors, and the true law of their pairs."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = np.random.default_rng(seed)
        n = 2 * world.n_proteins
        self.ids = np.array([f"P{number:05d}" for number in range(n)])
        self.classes = np.arange(n) % N_CLASSES
        centres = self.rng.normal(size=(N_CLASSES, DIM)) * 2
        matrix = centres[self.classes] + self.rng.normal(size=(n, DIM)) * 0.3
        self.vectors = pr.Embeddings.from_arrays(list(self.ids), matrix.astype(np.float32))
        popularity = np.exp(world.spread * self.rng.normal(size=n))
        half_of = np.arange(n) // N_CLASSES % 2
        self.in_training = half_of == 0
        for half in (0, 1):  # mean one in each class of each half, so that halves have one law
            for number in range(N_CLASSES):
                rows = (half_of == half) & (self.classes == number)
                popularity[rows] /= popularity[rows].mean()
        self.popularity = popularity
        ratios = np.exp(self.rng.normal(size=(N_CLASSES, N_CLASSES)))
        if world.complexes:
            ratios = 0.05 * ratios + 10 * np.eye(N_CLASSES)
        self.ratios = _mean_one(ratios, world)

    def train(self) -> pr.RatioModel:
        """A model of the default settings, learned from the interactions of the training half."""
        pairs = self._pairs(self.in_training)
        labels = self.rng.random(len(pairs)) < self.of(pairs, "w")
        table = pr.PairTable.from_rows(
            pairs.loc[labels], directed=self.world.directed, name=self.world.name
        )
        split = pr.split_by_pair(table, test_fraction=0.01, validation_fraction=0.1, seed=0)
        return pr.fit(split, self.vectors, seed=0, progress=False)

    def judged_halves(self) -> pd.DataFrame:
        """All pairs of the proteins that training did not see."""
        return self._pairs(~self.in_training)

    def of(self, pairs: pd.DataFrame, what: str) -> np.ndarray:
        """The true ``log_ratio``, ``popularity`` (product) or ``w`` of pairs; ``(pair,)``."""
        left, right = (np.searchsorted(self.ids, pairs[side]) for side in ("left", "right"))
        ratio = self.ratios[self.classes[left], self.classes[right]]
        popularity = self.popularity[left] * self.popularity[right]
        values = {
            "log_ratio": np.log(ratio),
            "popularity": popularity,
            "w": np.minimum(self.world.density * popularity * ratio, 1),
        }
        return values[what]

    def _pairs(self, chosen: np.ndarray) -> pd.DataFrame:
        rows = np.flatnonzero(chosen)
        left, right = (side.ravel() for side in np.meshgrid(rows, rows, indexing="ij"))
        kept = left != right if self.world.directed else left < right
        return pd.DataFrame({"left": self.ids[left[kept]], "right": self.ids[right[kept]]})


def _mean_one(ratios: np.ndarray, world: World) -> np.ndarray:
    """Scale rows and columns until the mean of each is one (Sinkhorn)."""
    if not world.directed:
        ratios = np.sqrt(ratios * ratios.T)
    for _ in range(200):
        ratios = ratios / ratios.mean(axis=1, keepdims=True)
        ratios = ratios / ratios.mean(axis=0, keepdims=True)
    return ratios


if __name__ == "__main__":
    typer.run(main)
