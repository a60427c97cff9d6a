"""A seed -> seeds for epochs and steps; the range of valid seeds."""

from typing import Annotated

from pydantic import Field

LARGEST_SEED = 2**32 - 1  # the largest that scikit-learn accepts

Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]


def derived_seed(seed: int, number: int) -> int:
    """The seed of epoch or step ``number``; the values of two seeds lie far apart."""
    return (seed * 1_000_003 + number) % 2**63
