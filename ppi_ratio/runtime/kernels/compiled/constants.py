"""Constants of the compiled loops, in float32.

In numba a Python float is float64, and one float64 term makes a whole sum float64.
"""

import numpy as np

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
# LLVM may add terms in any order, fuse a product into a sum, and ignore the sign of zero, so that
# sums use vector instructions; NaN and infinity must stay what they are, so not ``fastmath=True``
FAST_SUMS = {"reassoc", "contract", "nsz"}
