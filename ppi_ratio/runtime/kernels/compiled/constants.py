"""Constants of the compiled loops, in float32 so that no sum is promoted to double."""

import numpy as np

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
# what LLVM may assume of sums: it vectorises them, so that they are added in another order
ANY_ORDER = {"reassoc", "contract", "nsz"}
