"""A link turns raw output into log r, to the end of the range of float32."""

import pytest
import torch

from ppi_ratio.objectives.link import Link


@pytest.mark.parametrize(
    ("link", "ratio"),
    [
        (Link.LOG, torch.exp),
        (Link.RATIO, torch.nn.functional.softplus),
        (Link.INVERSE_RATIO, lambda raw: 1 / torch.nn.functional.softplus(-raw)),
    ],
)
def test_score_is_the_log_of_the_ratio_that_the_link_names(
    link: Link, ratio: torch.nn.Module
) -> None:
    raw = torch.linspace(-30, 30, 121, dtype=torch.float64)
    torch.testing.assert_close(link(raw), ratio(raw).log(), atol=1e-8, rtol=0)


@pytest.mark.parametrize("link", Link)
def test_score_rises_and_has_a_gradient_everywhere(link: Link) -> None:
    raw = torch.tensor([-1e4, -150.0, -20.0, 0.0, 20.0, 150.0, 1e4], requires_grad=True)
    scores = link(raw)
    scores.sum().backward()
    assert raw.grad is not None
    assert (scores.diff() > 0).all()
    assert (raw.grad > 0).all()
