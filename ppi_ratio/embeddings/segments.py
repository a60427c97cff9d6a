"""A protein as equal segments, for critics that look at its parts."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

N_SEGMENTS = 16


def shares_of_segments(
    positions: Int[Tensor, " residue"], lengths: Int[Tensor, " residue"]
) -> Float[Tensor, "residue segment"]:
    """The share of each residue in the mean of each segment of its protein.

    A protein of n residues is the interval from 0 to n, cut into 16 equal parts; residue i is the
    part from i to i + 1. Where a cut falls within a residue it counts for both segments, by as
    much as lies in each, so proteins of fewer residues than segments are no exception, shares
    in a segment sum to one, and the mean over segments is the mean over residues.

    Args:
        positions: counted from 0; of a position outside of the protein all shares are 0.
        lengths: residues of the protein that each belongs to.
    """
    width = (lengths / N_SEGMENTS)[:, None]
    cuts = torch.arange(N_SEGMENTS + 1) * width
    starts, ends = cuts[:, :-1], cuts[:, 1:]
    first = positions[:, None]
    common = torch.minimum(ends, first + 1) - torch.maximum(starts, first)
    return common.clamp(min=0) / width
