"""Inner loops compiled for a CPU, each beside its plain form, behind one switch.

Modules of this package hold the plain form in PyTorch or NumPy and choose by the switch;
``compiled`` holds the loops, which numba compiles when they are first called.
"""

from ppi_ratio.runtime.kernels.switch import compiled_in_use, use_compiled

__all__ = ["compiled_in_use", "use_compiled"]
