"""Residues -> how hydropathy and charge vary along a protein; needs no model.

A mean over residues forgets their order. It cannot tell one hydrophobic helix from the same
residues scattered along the protein. Here hydropathy and charge are averaged over a sliding
window. The vector holds quantiles and standard deviation of these averages, for three widths.

| scale | values |
|---|---|
| hydropathy | Kyte & Doolittle, J. Mol. Biol. 157, 105 (1982), divided by 4.5, its largest value |
| charge | ``K R`` +1, ``D E`` -1, others 0 |
| rare letters | ``U`` as ``C``, ``O`` as ``K``; ``B Z J`` as the mean of their two; ``X`` 0 |
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from ppi_ratio.embeddings.descriptors import DescriptorEncoder
from ppi_ratio.embeddings.provenance import Provenance

# widths in residues; Kyte & Doolittle used 7 for surface loops and 19 for membrane helices
WINDOWS = (7, 19, 41)
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)

_RESIDUES = "ARNDCQEGHILKMFPSTWYV"
_KYTE_DOOLITTLE = (
    *(1.8, -4.5, -3.5, -3.5, 2.5, -3.5, -3.5, -0.4, -3.2, 4.5),
    *(3.8, -3.9, 1.9, 2.8, -1.6, -0.8, -0.7, -0.9, -1.3, 4.2),
)
HYDROPATHY = {
    residue: value / 4.5 for residue, value in zip(_RESIDUES, _KYTE_DOOLITTLE, strict=True)
}
CHARGE = dict.fromkeys(_RESIDUES, 0.0) | {"K": 1.0, "R": 1.0, "D": -1.0, "E": -1.0}
SCALES = (HYDROPATHY, CHARGE)
_STANDS_FOR = {"U": "C", "O": "K", "B": "ND", "Z": "QE", "J": "IL"}
N_PROFILES = len(SCALES) * len(WINDOWS) * (len(QUANTILES) + 1)


def profiles(residues: str) -> Float[np.ndarray, " profile"]:
    """For each scale and width: quantiles of the window means, then their standard deviation.

    A window is never wider than the protein.
    """
    codes = np.frombuffer(residues.encode("ascii"), dtype=np.uint8)
    parts = []
    for scale in _VALUES:
        sums = np.concatenate([[0.0], np.cumsum(scale[codes])])
        for window in WINDOWS:
            width = min(window, len(codes))
            means = (sums[width:] - sums[:-width]) / width
            parts += [np.quantile(means, QUANTILES), [means.std()]]
    return np.concatenate(parts).astype(np.float32)


def _value_of_byte(scale: Mapping[str, float]) -> Float[np.ndarray, " byte"]:
    values = np.zeros(256)
    rare = {
        letter: float(np.mean([scale[meant] for meant in letters]))
        for letter, letters in _STANDS_FOR.items()
    }
    for letter, value in {**scale, **rare}.items():
        values[ord(letter)] = value
    return values


_VALUES = tuple(_value_of_byte(scale) for scale in SCALES)
HYDROPATHY_CHARGE = DescriptorEncoder(
    Provenance(encoder="hydropathy_charge", pooling="quantiles of window means, and their spread"),
    N_PROFILES,
    profiles,
)
