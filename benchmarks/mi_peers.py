"""Other people's estimators of mutual information: samples (n, dim) of both sides -> nats.

CCA and scikit-learn's estimator need nothing more. All others come with the extra ``peers``
(`pip install -e '.[peers]'`). Without it this module can be imported, and ``available`` names what
is missing. Each estimator has the default settings of its package, except where its function says
otherwise.
"""

import importlib
import importlib.metadata
import io
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor

HELD_OUT = 0.3
LATENTMI_EPOCHS = 20  # of its 300, one of which takes up to 3 s on a core
SBI_EPOCHS = 80  # at most; sbi stops itself after 20 without improvement
MIST_HIDDEN = [128]  # as in the package's README; it has no default

Estimate = Callable[[np.ndarray, np.ndarray, int], float]


@dataclass(frozen=True)
class Peer:
    """An estimator that may be called with x (n, dim), y (n, dim) and a seed.

    Attributes:
        package: name on PyPI.
        module: what it is imported by.
        estimate: the mutual information in nats.
        one_dimensional: it refuses samples of more than one dimension.
    """

    package: str
    module: str
    estimate: Estimate
    one_dimensional: bool = False

    @property
    def version(self) -> str:
        return importlib.metadata.version(self.package)

    def admits(self, dim_x: int, dim_y: int) -> bool:
        """True if the estimator accepts samples with these numbers of dimensions."""
        return dim_x == dim_y == 1 or not self.one_dimensional

    def __call__(self, x: np.ndarray, y: np.ndarray, seed: int) -> float:
        return self.estimate(x, y, seed)


def available() -> tuple[dict[str, Peer], dict[str, str]]:
    """The peers that can be imported, and the reason for each of the others."""
    usable, missing = {}, {}
    for name, peer in PEERS.items():
        try:
            importlib.import_module(peer.module)
        except ImportError as error:
            missing[name] = f"{peer.package}: {error}"
        else:
            usable[name] = peer
    return usable, missing


def cca(x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """-½ Σ log(1 - ρ²) over the canonical correlations: exact for Gaussians, if n is large.

    The baseline of Czyż, Grabowski, Vogt, Beerenwinkel & Marx (2023), arXiv 2306.11078. Taken in
    sample: too high by about dim_x dim_y / (2n). Deterministic.
    """
    bases = [np.linalg.qr(side - side.mean(0))[0] for side in (x, y)]
    correlations = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)
    return float(-0.5 * np.log1p(-(correlations**2)).sum())


def sklearn_regression(x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """scikit-learn's ``mutual_info_regression``: KSG with k = 3, cut off below at 0.

    Raises:
        ValueError: if a side has more than one dimension: it takes features one by one.
    """
    if x.shape[1] != 1 or y.shape[1] != 1:
        raise ValueError(
            f"mutual_info_regression takes one feature against one, got {x.shape[1]} and "
            f"{y.shape[1]} dimensions; leave it out where Peer.one_dimensional is set"
        )
    regression = importlib.import_module("sklearn.feature_selection").mutual_info_regression
    return float(regression(x, y[:, 0], random_state=seed)[0])


def ksg(x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """First estimator of Kraskov, Stögbauer & Grassberger (2004), k = 3, by NPEET+."""
    with _seeded_and_quiet(seed):
        pointwise = importlib.import_module("npeet_plus").mi(x, y, k=3, base=math.e)
    return float(np.mean(pointwise))


def latentmi(x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """KSG between 8-dimensional representations learned on one half, taken on the other.

    Gowri, Lun, Klein & Yin (2024), arXiv 2409.02732. It trains for fewer epochs than by default,
    which costs little: 1.37 nats after 20 epochs and 1.46 after 60, of 2.07 in 5 dimensions.
    """
    with _seeded_and_quiet(seed):
        lmi = importlib.import_module("latentmi.lmi")
        bits, _, _ = lmi.estimate(x, y, epochs=LATENTMI_EPOCHS, device="cpu")
    return float(np.nanmean(bits)) * math.log(2)  # NaN in the half that was trained on


def torch_mist(x: np.ndarray, y: np.ndarray, seed: int, *, estimator: str) -> float:
    """A discriminative estimator of torch-mist, evaluated on the pairs held out."""
    training, held_out = (
        {"x": torch.as_tensor(x[rows]).float(), "y": torch.as_tensor(y[rows]).float()}
        for rows in _training_and_held_out(len(x), seed)
    )
    with _seeded_and_quiet(seed):
        estimate = importlib.import_module("torch_mist").estimate_mi(
            data=training,
            test_data=held_out,
            estimator=estimator,
            hidden_dims=MIST_HIDDEN,
            logger=False,
            verbose=False,
        )
    return float(estimate)


def sbi_nre_c(x: np.ndarray, y: np.ndarray, seed: int) -> float:
    """NRE-C of sbi at its defaults (K = 5, gamma = 1): mean log ratio of the pairs held out."""
    training, held_out = _training_and_held_out(len(x), seed)
    theta, observed = torch.as_tensor(x).float(), torch.as_tensor(y).float()
    trainer = importlib.import_module("sbi.inference").NRE_C
    tracker = importlib.import_module("sbi.utils.tracking").TensorBoardTracker
    writer = importlib.import_module("torch.utils.tensorboard.writer").SummaryWriter
    # its default tracker leaves a folder in the working directory
    with _seeded_and_quiet(seed), tempfile.TemporaryDirectory() as folder:
        inference = trainer(tracker=tracker(writer(folder)), show_progress_bars=False)
        inference.append_simulations(theta[training], observed[training])
        log_ratio = inference.train(max_num_epochs=SBI_EPOCHS)
    with torch.no_grad():
        return float(log_ratio(theta[held_out], observed[held_out]).mean())


def sbi_nre_c_loss(logits: Tensor, *, gamma: float) -> Tensor:
    """The NRE-C loss by sbi's own code, for given logits instead of logits of its own draws.

    Args:
        logits: (pair, K + 1). Column 0 is the joint pair, seen only by the problem with a joint
            pair. Column 1 is a noise pair that only the other problem sees. Both problems see the
            noise pairs in all other columns.
        gamma: odds of the problem with a joint pair; InfoNCE-anchor's nu is K / gamma.
    """
    trainer = importlib.import_module("sbi.inference").NRE_C
    n_classes = logits.shape[1] - 1
    with_joint = torch.cat([logits[:, :1], logits[:, 2:]], dim=1)
    by_number = {n_classes + 1: logits, n_classes: with_joint}
    given = SimpleNamespace(
        _classifier_logits=lambda theta, x, number: by_number[number],
        _get_prior_probs_marginal_and_joint=trainer._get_prior_probs_marginal_and_joint,
    )
    return trainer._loss(given, logits, logits, num_atoms=n_classes + 1, gamma=gamma)


def in_batch_logits(matrix: Tensor) -> Tensor:
    """Scores of a batch (left, right) as ``sbi_nre_c_loss`` takes them, with K = batch - 1.

    Row j belongs to right j. Its lefts begin with the partner of j and continue cyclically, so
    the second one is the left that our in-batch form drops.
    """
    left = torch.arange(len(matrix), device=matrix.device)
    return matrix.gather(0, (left[:, None] + left[None, :]) % len(matrix)).T


def _training_and_held_out(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.random.default_rng(seed).permutation(n)
    n_held_out = round(HELD_OUT * n)
    return rows[n_held_out:], rows[:n_held_out]


@contextmanager
def _seeded_and_quiet(seed: int) -> Iterator[None]:
    """Seed the global generators and silence the output, as peers use both."""
    with torch.random.fork_rng(), redirect_stdout(io.StringIO()):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        yield


PEERS: dict[str, Peer] = {
    "cca": Peer("numpy", "numpy", cca),
    "sklearn": Peer("scikit-learn", "sklearn", sklearn_regression, one_dimensional=True),
    "ksg": Peer("npeet-plus", "npeet_plus", ksg),
    "latentmi": Peer("latentmi", "latentmi", latentmi),
    "torch_mist_nwj": Peer("torch-mist", "torch_mist", partial(torch_mist, estimator="nwj")),
    "torch_mist_smile": Peer("torch-mist", "torch_mist", partial(torch_mist, estimator="smile")),
    "sbi_nre_c": Peer("sbi", "sbi", sbi_nre_c),
}
