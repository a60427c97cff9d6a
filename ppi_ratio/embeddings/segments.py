"""A protein cut into equal segments, for critics that read its parts."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

N_SEGMENTS = 16


def shares_of_segments(
    positions: Int[Tensor, " residue"], lengths: Int[Tensor, " residue"]
) -> Float[Tensor, "residue segment"]:
    """The share of each residue in the mean of each segment of its protein.

    A protein of n residues is the interval from 0 to n, cut into 16 equal segments. Residue i is
    the part from i to i + 1. A residue that a cut divides counts for both segments, each with the
    part inside it. So proteins with fewer residues than segments need no special case. The shares
    in a segment sum to 1, and the mean over segments is the mean over residues.

    Args:
        positions: counted from 0; outside of the protein all shares are 0.
        lengths: number of residues of the protein at each position.
    """
    width = (lengths / N_SEGMENTS)[:, None]
    cuts = torch.arange(N_SEGMENTS + 1) * width
    starts, ends = cuts[:, :-1], cuts[:, 1:]
    first = positions[:, None]
    common = torch.minimum(ends, first + 1) - torch.maximum(starts, first)
    return common.clamp(min=0) / width
