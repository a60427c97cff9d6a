"""The one switch between compiled and fused forms and their plain forms."""

import os
from types import TracebackType

from ppi_ratio.errors import ConfigError

VARIABLE = "PPI_RATIO_COMPILED"  # environment variable: 1, the default, or 0

_chosen: bool | None = None


def compiled_in_use() -> bool:
    """Whether compiled and fused forms run, or plain PyTorch and NumPy.

    ``use_compiled`` decides. Before its first call the environment variable does.

    Raises:
        ConfigError: if the environment variable is neither 0 nor 1.
    """
    if _chosen is not None:
        return _chosen
    value = os.environ.get(VARIABLE, "1")
    if value not in ("0", "1"):
        raise ConfigError(
            f"environment variable {VARIABLE}: {value!r} is neither 1 (compiled loops) nor 0 "
            "(plain PyTorch)"
        )
    return value == "1"


class use_compiled:  # noqa: N801 -- called like a function, as torch.set_grad_enabled is
    """Turn all compiled and fused forms on or off, in all threads of the process.

    Results agree to the rounding of float32. Plain forms are slower and do not import numba. A call
    has a lasting effect; as a context manager, it restores the former setting at the end.

    Examples:
        >>> from ppi_ratio.runtime.kernels import compiled_in_use, use_compiled
        >>> with use_compiled(False):
        ...     compiled_in_use()
        False
    """

    def __init__(self, use: bool) -> None:
        global _chosen
        self._before, _chosen = _chosen, use

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _chosen
        _chosen = self._before
