"""Seeds: which there are, and those of epochs and steps."""

from typing import Annotated

from pydantic import Field

LARGEST_SEED = 2**32 - 1  # that scikit-learn takes

Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]


def derived_seed(seed: int, number: int) -> int:
    """A seed for each epoch or step, far from those that other seeds derive."""
    return (seed * 1_000_003 + number) % 2**63
