"""Residues -> conjoint-triad vectors, a sequence baseline without a model.

Shen et al., PNAS 104, 4337 (2007): residues fall into seven classes by dipole and side-chain
volume. A protein is described by how often each of the 343 triads of classes occurs.

| rare letter | read as |
|---|---|
| ``U`` selenocysteine | cysteine, ``C`` |
| ``O`` pyrrolysine | lysine, ``K`` |
| ``J`` leucine or isoleucine | both are of one class |
| ``B``, ``Z``, ``X`` | no class: triads with one of them are not counted |
"""

import numpy as np
from jaxtyping import Float

from ppi_ratio.embeddings.descriptors import DescriptorEncoder
from ppi_ratio.embeddings.provenance import Provenance

CLASSES = ("AGV", "ILFPJ", "YMTS", "HNQW", "RKO", "DE", "CU")
N_TRIADS = len(CLASSES) ** 3

_NO_CLASS = -1
_CLASS_OF_BYTE = np.full(256, _NO_CLASS, dtype=np.int64)
for _number, _letters in enumerate(CLASSES):
    _CLASS_OF_BYTE[np.frombuffer(_letters.encode("ascii"), dtype=np.uint8)] = _number


def conjoint_triad(residues: str) -> Float[np.ndarray, " triad"]:
    """``(f - min f) / max f`` of the 343 triad counts ``f``; zeros if there is no triad.

    The class of the first residue varies fastest: triad (a, b, c) is entry a + 7 b + 49 c,
    counting classes from 0 in the order of ``CLASSES``.
    """
    classes = _CLASS_OF_BYTE[np.frombuffer(residues.encode("ascii"), dtype=np.uint8)]
    first, second, third = classes[:-2], classes[1:-1], classes[2:]
    counted = (first >= 0) & (second >= 0) & (third >= 0)
    base = len(CLASSES)
    triads = (first + base * second + base**2 * third)[counted]
    counts = np.bincount(triads, minlength=N_TRIADS).astype(np.float32)
    return (counts - counts.min()) / max(counts.max(), 1.0)


CONJOINT_TRIAD = DescriptorEncoder(
    Provenance(encoder="conjoint_triad", pooling="triad frequencies"), N_TRIADS, conjoint_triad
)
