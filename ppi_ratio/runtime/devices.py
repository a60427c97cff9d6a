"""The name of a device -> the torch device."""

from typing import TYPE_CHECKING, Literal

from ppi_ratio.errors import ConfigError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(device: Device) -> "torch.device":
    """The torch device of that name; ``auto`` takes the first of CUDA, MPS and CPU that is present.

    Raises:
        ConfigError: if this machine, or this build of torch, lacks the device.
    """
    import torch  # takes seconds, so not at the top of the module

    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return torch.device(next(name for name, there in present.items() if there))
    if not present[device]:
        raise ConfigError(f"device {device} is not available to torch here; use auto or cpu")
    return torch.device(device)
