"""A comparison and its data -> their description in the report, as JSON values."""

import json
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

from ppi_ratio.auditing import audit
from ppi_ratio.comparison.fold_runs import Fold
from ppi_ratio.comparison.folder import FORMAT
from ppi_ratio.comparison.plan import Plan
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.settings.comparison import Comparison


def sheet_of(comparison: Comparison, folds: Sequence[Fold], vectors: Embeddings) -> dict[str, Any]:
    """Describe the data, with an audit of the first split's test pairs."""
    split = folds[0].split
    found = audit(split.test, training=folds[0].learned, seed=comparison.seed)
    return {
        "format": FORMAT,
        "title": comparison.title,
        "created": date.today().isoformat(),
        "versions": {name: version(name) for name in ("ppi-ratio", "torch", "scikit-learn")},
        "reference": Plan.of(comparison).reference,
        "data": {
            "pairs": split.test.name,
            "directed": split.directed,
            "encoder": vectors.provenance.describe(),
            "noise": (
                "p(left) p(right), each protein as often as in the training pairs"
                + comparison.renormalise * "; log ratios normalised over that of the test pairs"
            ),
            "learned_from": (
                "training pairs, then anew from training and validation pairs together"
                if comparison.trainer.refit
                else "training pairs"
            ),
            "splits": [_split_sheet(fold) for fold in folds],
        },
        "audit": json.loads(found.to_json()),
    }


def _split_sheet(fold: Fold) -> dict[str, Any]:
    split = fold.split
    parts = split.summary().reset_index().to_dict(orient="records")
    return {
        "number": fold.number,
        "kind": split.kind,
        "seed": split.seed,
        "parts": [{str(key): _plain(value) for key, value in part.items()} for part in parts],
        "leaks": split.leaks(),
        "dropped": dict(split.dropped),
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str) else int(str(value))
