"""AUROC of a batch against scikit-learn's."""

import pytest
import torch
from sklearn.metrics import roc_auc_score

from ppi_ratio.objectives import PairScores


@pytest.mark.parametrize("step", [0.0, 0.5], ids=["distinct", "with ties"])
def test_auroc_of_a_batch_is_that_of_its_joint_and_noise_scores(step: float) -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(40, 40, generator=generator) + torch.eye(40)
    if step:
        matrix = (matrix / step).round() * step
    left, right = torch.randint(30, (2, 40), generator=generator)
    scores = PairScores.in_batch(matrix, (left, right))
    noise = matrix[scores.noise]
    assert len(noise) < 40 * 39  # a protein beside itself is not noise
    labels = [1] * 40 + [0] * len(noise)
    expected = roc_auc_score(labels, torch.cat([scores.joint, noise]).numpy())
    assert scores.auroc() == pytest.approx(expected, abs=1e-12)
