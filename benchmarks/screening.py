"""Pairs per second of a screen, beside the products alone, the usual ways, and D-SCRIPT.

    python benchmarks/screening.py --results benchmarks/results/screening.json \
        --figure benchmarks/results/screening.png

A proteome of the human one's size with random vectors, a critic trained for one epoch on random
pairs: speed does not ask what the numbers mean. D-SCRIPT's network (random weights, random
residue embeddings of its width) is measured if its package, ``dscript``, is installed.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import typer
from measuring import run_alone, seconds, write_results
from rich import print_json

from ppi_ratio.critics import MLP, CriticFactory, Separable
from ppi_ratio.critics.mlp import MLPCritic
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.model.fitting import fit
from ppi_ratio.model.ratio_model import RatioModel
from ppi_ratio.pairs import read_pairs, split_by_pair
from ppi_ratio.search import Query, ScoreMatrix, searcher
from ppi_ratio.training.settings import TrainerSettings

HUMAN = 20_420  # proteins of the human reference proteome
DIM, RANK, HIDDEN, TOP_K = 1280, 128, 256, 100
BARE_ROWS = 1024
GROWTH = (1000, 2000, 5000, 10_000, 20_420, 50_000, 100_000)
NAIVE_PAIRS, MLP_LEFTS = 4096, 256
DSCRIPT_PAIRS, DSCRIPT_WIDTH, DSCRIPT_LENGTH = 200, 6165, 400


def main(
    results: Annotated[Path, typer.Option(help="JSON to write.")],
    figure: Annotated[Path, typer.Option(help="PNG to write.")],
    largest: Annotated[int, typer.Option(help="Proteins of the growth curve, at most.")] = 100_000,
) -> None:
    """Measure everything once, print and write it."""
    vectors = random_vectors(HUMAN)
    model = quick_model(vectors, Separable(rank=RANK, symmetric=True))
    mlp = quick_model(vectors, MLP(hidden=HIDDEN, symmetric=False), directed=True)
    found: dict[str, Any] = {
        "pairs_per_second": {
            "separable": separable_rates(model, vectors),
            "mlp": mlp_rates(mlp, vectors),
        },
        "commands": commands(model, vectors),
        "bf16": bfloat16_error(model, vectors),
        "growth": growth(model, [size for size in GROWTH if size <= largest]),
    }
    found["pairs_per_second"]["dscript"] = dscript_rate()
    write_results(found, results)
    draw(found, figure)
    print_json(data=found)


def random_vectors(n_proteins: int) -> Embeddings:
    """As wide as those of ESM-2 with 650 million parameters."""
    matrix = np.random.default_rng(0).standard_normal((n_proteins, DIM), dtype=np.float32)
    return Embeddings.from_arrays([f"P{number:06d}" for number in range(n_proteins)], matrix)


def quick_model(
    vectors: Embeddings, critic: CriticFactory, *, directed: bool = False
) -> RatioModel:
    """Trained for one epoch on random pairs."""
    rng = np.random.default_rng(0)
    names = np.array(vectors.ids[:400], dtype=object)
    frame = pd.DataFrame({"left": rng.choice(names, 500), "right": rng.choice(names, 500)})
    split = split_by_pair(read_pairs(frame, directed=directed), seed=0)
    trainer = TrainerSettings(max_epochs=1, batch_size=128)
    return fit(split, vectors, critic=critic, seed=0, trainer=trainer, progress=False)


def all_pairs(model: RatioModel, vectors: Embeddings) -> ScoreMatrix:
    """All proteins against all."""
    rows = np.arange(len(vectors))
    return model.search_matrix(vectors, rows, rows, known=None)


def search_all(matrix: ScoreMatrix) -> int:
    """The best partners of every left, as ``screen`` finds them."""
    with searcher(matrix, Query(top_k=TOP_K)) as made:
        return sum(len(hits) for _, hits in made.search(range(len(matrix.left))))


def separable_rates(model: RatioModel, vectors: Embeddings) -> dict[str, float]:
    """Ordered pairs per second of a top-100 search of the proteome."""
    matrix = all_pairs(model, vectors)
    transposed = matrix.right.T.contiguous()

    def bare(select: bool) -> None:
        for start in range(0, HUMAN, BARE_ROWS):
            tile = torch.matmul(matrix.left[start : start + BARE_ROWS], transposed)
            if select:
                torch.topk(tile, TOP_K)

    def naive() -> None:
        """As most predictors do: both proteins go through the network for every pair."""
        rng = np.random.default_rng(0)
        left, right = rng.integers(HUMAN, size=(2, NAIVE_PAIRS))
        x, y = (torch.from_numpy(vectors.matrix()[side]) for side in (left, right))
        critic = model.scorer.critic
        critic.interact_paired(critic.project_left(x), critic.project_right(y))

    with torch.inference_mode():
        taken = seconds(
            {
                "ppi_ratio": lambda: search_all(matrix),
                "ppi_ratio, model.screen to its table": lambda: model.screen(vectors, top_k=TOP_K),
                "torch.matmul + torch.topk": lambda: bare(select=True),
                "torch.matmul alone": lambda: bare(select=False),
            }
        )
        per_pair = seconds({"pair by pair": naive})
    rates = {name: HUMAN**2 / each for name, each in taken.items()}
    return rates | {name: NAIVE_PAIRS / each for name, each in per_pair.items()}


def mlp_rates(model: RatioModel, vectors: Embeddings) -> dict[str, float]:
    """The same of one hidden layer on the concatenated vectors, for some lefts."""
    whole = all_pairs(model, vectors)
    none = np.empty(0, dtype=np.int64)
    matrix = ScoreMatrix(
        whole.critic, whole.left[:MLP_LEFTS], whole.right, whole.offset, (none, none)
    )
    critic = whole.critic
    assert isinstance(critic, MLPCritic)
    first = torch.cat([critic.as_left.weight, critic.as_right.weight], dim=1)

    def eager() -> None:
        """Its first layer split, the rest as operations of PyTorch, in tiles of 64 MB."""
        step = max(1, 2**24 // (MLP_LEFTS * HIDDEN))
        for start in range(0, HUMAN, step):
            hidden = (matrix.left[:, None] + matrix.right[start : start + step]).relu_()
            torch.matmul(hidden, critic.readout.weight[0])

    def concatenated() -> None:
        rng = np.random.default_rng(0)
        left, right = rng.integers(HUMAN, size=(2, NAIVE_PAIRS))
        matrix = vectors.matrix()
        both = torch.from_numpy(np.hstack([matrix[left], matrix[right]]))
        hidden = (both @ first.T + critic.as_left.bias).relu_()
        torch.matmul(hidden, critic.readout.weight[0])

    with torch.inference_mode():
        taken = seconds({"ppi_ratio": lambda: search_all(matrix), "split, eager": eager}, rounds=2)
        per_pair = seconds({"concatenated, pair by pair": concatenated})
    rates = {name: MLP_LEFTS * HUMAN / each for name, each in taken.items()}
    return rates | {name: NAIVE_PAIRS / each for name, each in per_pair.items()}


def commands(model: RatioModel, vectors: Embeddings) -> dict[str, dict[str, float]]:
    """Wall time and peak memory of whole commands, start-up, reading and writing with them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model.save(folder / "model")
        vectors.write(folder / "vectors.h5", "float16")
        ids = vectors.ids[:20]
        few = pd.DataFrame({"left": ids[:10], "right": ids[10:]})
        few.to_csv(folder / "pairs.tsv", sep="\t", index=False)
        read = [f"{name}/model", "--embeddings", f"{name}/vectors.h5"]
        score = [f"{name}/model", f"{name}/pairs.tsv", *read[1:], "--out", f"{name}/scores.tsv"]
        wanted = ["--top-k", str(TOP_K), "--out", f"{name}/hits.parquet"]
        return {
            "import torch": run_alone([sys.executable, "-c", "import torch"], times=3),
            "ppi-ratio --help": run_alone(["ppi-ratio", "--help"], times=3),
            "score, ten pairs": run_alone(["ppi-ratio", "score", *score], times=3),
            "screen, top 100": run_alone(["ppi-ratio", "screen", *read, *wanted]),
        }


def bfloat16_error(model: RatioModel, vectors: Embeddings) -> dict[str, float]:
    """Speed gained by bfloat16 products, and their largest error before hits are scored again."""
    exact = all_pairs(model, vectors)
    rows = np.arange(HUMAN)
    rough = model.search_matrix(vectors, rows, rows, known=None, bfloat16=True)
    taken = seconds({"fp32": lambda: search_all(exact), "bf16": lambda: search_all(rough)})
    with searcher(rough, Query(top_k=TOP_K)) as made:
        hits = np.concatenate([hits for _, hits in made.search(range(2048))])
    with searcher(exact, Query(top_k=TOP_K)) as truth:
        expected = np.concatenate([hits for _, hits in truth.search(range(2048))])
    both = np.intersect1d(hits[["left", "right"]], expected[["left", "right"]])
    return {
        "speed_up": taken["fp32"] / taken["bf16"],
        "largest_error_nats": made.largest_error,
        "share_of_hits_found": len(both) / len(expected),
    }


def growth(model: RatioModel, sizes: list[int]) -> list[dict[str, float]]:
    """Seconds to project and to search all against all."""
    rows = []
    for size in sizes:
        vectors = random_vectors(size)
        began = time.perf_counter()
        matrix = all_pairs(model, vectors)
        projected = time.perf_counter()
        search_all(matrix)
        ended = time.perf_counter()
        rows.append({"proteins": size, "project": projected - began, "search": ended - projected})
    return rows


def dscript_rate() -> float | None:
    """Pairs per second of D-SCRIPT's network on proteins of 400 residues."""
    try:
        from dscript.models.contact import ContactCNN  # pyright: ignore[reportMissingImports]
        from dscript.models.embedding import FullyConnectedEmbed  # pyright: ignore[reportMissingImports]
        from dscript.models.interaction import ModelInteraction  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    torch.manual_seed(0)
    network = ModelInteraction(
        FullyConnectedEmbed(DSCRIPT_WIDTH, 100, 0.5), ContactCNN(100, 50, 7), use_cuda=False
    ).eval()
    proteins = torch.randn(20, 1, DSCRIPT_LENGTH, DSCRIPT_WIDTH)
    with torch.inference_mode():
        network.predict(proteins[0], proteins[1])
        began = time.perf_counter()
        for number in range(DSCRIPT_PAIRS):
            network.predict(proteins[number % 20], proteins[number * 7 % 20])
        return DSCRIPT_PAIRS / (time.perf_counter() - began)


def draw(found: dict[str, Any], path: Path) -> None:
    """Cost by number of proteins, with the line of a square beside it."""
    table = pd.DataFrame(found["growth"])
    drawing, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
    axes.loglog(table["proteins"], table["search"], "o-", label="search, top 100 of each")
    axes.loglog(table["proteins"], table["project"], "s-", label="projection, once per protein")
    last = table.iloc[-1]
    square = last["search"] * (table["proteins"] / last["proteins"]) ** 2
    axes.loglog(table["proteins"], square, ":", color="grey", label="square of the proteins")
    axes.set(xlabel="proteins", ylabel="seconds")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    drawing.savefig(path, dpi=150)


if __name__ == "__main__":
    typer.run(main)
