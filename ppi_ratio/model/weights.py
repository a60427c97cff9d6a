"""A weights file and a model's card -> tensors, compared before memory is allocated."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from ppi_ratio.critics import Critic
from ppi_ratio.errors import InputError, first_line

CRITIC_PREFIX = "critic."
MEAN, SCALE, REFERENCES = "standardisation.mean", "standardisation.scale", "references"
FLOAT32 = "F32"  # as safetensors calls it

Shape = tuple[int, ...]


def load_weights(
    path: Path, build: Callable[[], Critic], dim: int
) -> tuple[Critic, dict[str, Tensor]]:
    """Load a critic with its weights, and all tensors of the file.

    The format makes sure that the shapes in the header fit the length of the file. Here these
    shapes are first compared with a critic on PyTorch's meta device, which takes no memory.

    Args:
        path: a safetensors file.
        build: makes the critic of the card, with new weights.
        dim: numbers per protein in the vectors, by the card.

    Raises:
        InputError: if the file is damaged, does not fit, or holds numbers that are not finite.
    """
    try:
        with safe_open(path, "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            found = {name: tuple(each.get_shape()) for name, each in slices.items()}
            types = {each.get_dtype() for each in slices.values()}
        _check_shapes(found, *_claimed(build, dim))
        if types != {FLOAT32}:
            raise ValueError(f"its numbers are {', '.join(sorted(types))}, expected {FLOAT32}")
        tensors = load_file(path)
        if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
            raise ValueError("it holds numbers that are not finite")
        critic = build()
        critic.load_state_dict(
            {
                name.removeprefix(CRITIC_PREFIX): tensor
                for name, tensor in tensors.items()
                if name.startswith(CRITIC_PREFIX)
            }
        )
    # absurd sizes raise various errors of Python and of PyTorch
    except (
        SafetensorError,
        RuntimeError,
        ValueError,
        TypeError,
        ArithmeticError,
        OSError,
    ) as error:
        raise InputError(
            f"{path}: does not fit the model's card ({first_line(error)}); copy the model again"
        ) from error
    return critic, tensors


def _claimed(build: Callable[[], Critic], dim: int) -> tuple[dict[str, Shape], int]:
    """Shape of every tensor by the card, and the width of a projection; allocates no memory."""
    with torch.device("meta"):
        critic = build().eval()
        width = critic.project_left(torch.empty(1, dim)).shape[1]
    shapes = {
        CRITIC_PREFIX + name: tuple(tensor.shape) for name, tensor in critic.state_dict().items()
    }
    return shapes | {MEAN: (dim,), SCALE: (dim,)}, width


def _check_shapes(found: dict[str, Shape], claimed: dict[str, Shape], width: int) -> None:
    references = found.get(REFERENCES)
    if references is not None:
        claimed = claimed | {REFERENCES: (references[0] if references else 0, width)}
    for name, shape in claimed.items():
        if name not in found:
            raise ValueError(f"{name} is missing")
        if found[name] != shape:
            raise ValueError(f"{name} has the shape {found[name]}, expected {shape}")
    unknown = sorted(found.keys() - claimed.keys())
    if unknown:
        raise ValueError(f"{unknown[0][:80]} is none of its tensors")
