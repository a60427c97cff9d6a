"""Constants of the compiled loops, in float32 so that no sum is promoted to double."""

import numpy as np

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
# lets LLVM add the terms of a sum in any order, so that it can use vector instructions
ANY_ORDER = {"reassoc", "contract", "nsz"}
