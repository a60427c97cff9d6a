"""Names of devices -> what torch calls them."""

from typing import TYPE_CHECKING, Literal

from ppi_ratio.errors import ConfigError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(device: Device) -> "torch.device":
    """The device of that name, or the fastest present for ``auto``.

    Raises:
        ConfigError: if this machine, or this build of torch, has no such device.
    """
    import torch  # takes seconds, which naming a device should not cost

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
