"""A seed -> seeds for epochs and steps; the range of valid seeds."""

from numbers import Integral
from typing import Annotated

from pydantic import Field

from ppi_ratio.errors import ConfigError

LARGEST_SEED = 2**32 - 1  # the largest that scikit-learn accepts

Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED, strict=True)]


def checked_seed(seed: int) -> int:
    """A seed as a number of Python; NumPy's whole numbers are seeds too.

    Raises:
        ConfigError: if it is no whole number, or is below 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral) or int(seed) < 0:
        raise ConfigError(f"seed: expected a whole number from 0 on, got {seed!r}")
    return int(seed)


def derived_seed(seed: int, number: int) -> int:
    """The seed of epoch or step ``number``; the values of two seeds lie far apart."""
    return (seed * 1_000_003 + number) % 2**63
