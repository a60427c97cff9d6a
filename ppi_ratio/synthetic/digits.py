"""Random bits, shown as images of handwritten zeros and ones, through a symmetric channel."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import root_scalar
from scipy.special import xlog1py, xlogy
from sklearn.datasets import load_digits

from ppi_ratio.synthetic.task import Sample

PIXELS = 64


@dataclass(frozen=True)
class DigitsChannel:
    """x shows random bits as images; y shows the bits as other images, after random flips.

    This is a small version of the MNIST task of Lee & Rhee (2024), "A Benchmark Suite for
    Evaluating Neural Mutual Information Estimators on Unstructured Datasets". A bit is shown as a
    random image of its digit, drawn independently for x and y. The images are the 178 zeros and
    182 ones of scikit-learn's digits, with 8 x 8 grey values from 0 to 1. An image determines its
    bit, so images have the information and the ratio of the bits.

    Attributes:
        n_bits: number of independent bits, and of images on each side; each bit is 0 or 1 with
            probability ½.
        flip: probability that a bit of y differs from the bit of x, at most ½.
    """

    n_bits: int
    flip: float

    def __post_init__(self) -> None:
        if not 0 <= self.flip <= 0.5:
            raise ValueError(
                f"the probability of a flip must lie between 0 and 1/2, got {self.flip}"
            )

    @property
    def name(self) -> str:
        return f"digits-{self.n_bits}-{self.flip:.4g}"

    @property
    def dim_x(self) -> int:
        return PIXELS * self.n_bits

    @property
    def dim_y(self) -> int:
        return PIXELS * self.n_bits

    @property
    def information(self) -> float:
        """n_bits (1 - H(flip)), H in bits; returned in nats."""
        p = self.flip
        return self.n_bits * float(math.log(2) + xlogy(p, p) + xlog1py(1 - p, -p))

    def sample(self, n: int, generator: np.random.Generator) -> Sample:
        bits = generator.integers(2, size=(n, self.n_bits))
        flipped = generator.random(bits.shape) < self.flip
        x, y = _shown(bits, generator), _shown(bits ^ flipped, generator)
        # The ratio of a bit is 2 flip if the bit was flipped, and 2 (1 - flip) otherwise.
        log_ratio = math.log(2) + xlogy(flipped, self.flip) + xlog1py(~flipped, -self.flip)
        return Sample(x, y, log_ratio.sum(axis=1))


def digits(n_bits: int, information: float) -> DigitsChannel:
    """The channel with the given mutual information in nats, at most ``n_bits`` log 2.

    Raises:
        ValueError: if the information is not above 0, or above ``n_bits`` log 2.
    """
    most = n_bits * math.log(2)
    if not 0 < information <= most:
        raise ValueError(
            f"{n_bits} bits carry above 0 and up to {most:.4f} nats, got {information}"
        )

    def excess(flip: float) -> float:
        return DigitsChannel(n_bits, flip).information - information

    return DigitsChannel(n_bits, root_scalar(excess, bracket=(0.0, 0.5)).root)


@cache
def digit_images() -> tuple[np.ndarray, np.ndarray]:
    """All images of zeros and of ones, with grey values from 0 to 1; ``(image, pixel)`` each."""
    images, labels = (np.asarray(part) for part in load_digits(n_class=2, return_X_y=True))
    return images[labels == 0] / 16, images[labels == 1] / 16


def _shown(bits: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    zeros, ones = digit_images()
    first = np.where(bits, len(zeros), 0)
    images = generator.integers(first, first + np.where(bits, len(ones), len(zeros)))
    return np.concatenate([zeros, ones])[images].reshape(len(bits), -1)
