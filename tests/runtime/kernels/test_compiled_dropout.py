"""The compiled form of dropout keeps the entries that PyTorch keeps."""

import pytest
import torch

from ppi_ratio.critics.dropout import Dropout
from ppi_ratio.runtime.kernels import use_compiled


@pytest.mark.parametrize("p", [0.2, 0.9])
def test_entries_and_gradients_are_the_same_without_the_compiled_form(p: float) -> None:
    results = []
    for use in (True, False):
        torch.manual_seed(0)
        x = torch.randn(40, 501, requires_grad=True)
        with use_compiled(use):
            out = Dropout(p)(x)
            (gradient,) = torch.autograd.grad(out.square().sum(), x)
        results.append((out.detach(), gradient))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other)
