"""What must agree before two sets of vectors may meet."""

import dataclasses
import json

import pytest

from ppi_ratio.embeddings import Provenance
from ppi_ratio.errors import InputError

MADE = Provenance("esm2_t30_150M_UR50D", 30, "mean", "ab" * 32, "bf16", 1022, 255)


def test_precision_and_windows_do_not_separate_spaces() -> None:
    assert MADE.same_space(dataclasses.replace(MADE, precision="fp32", limit=None, overlap=None))


@pytest.mark.parametrize(
    "change", [{"encoder": "other"}, {"layer": 29}, {"pooling": "max"}, {"checkpoint": "cd" * 32}]
)
def test_encoder_layer_pooling_and_weights_separate_spaces(change: dict[str, str | int]) -> None:
    other = Provenance.from_dict(MADE.to_dict() | change)
    assert not MADE.same_space(other)
    assert not other.same_space(MADE)


def test_unknown_weights_fit_any() -> None:
    unknown = dataclasses.replace(MADE, checkpoint="")
    assert MADE.same_space(unknown)
    assert unknown.same_space(MADE)


def test_json_gives_the_same_back() -> None:
    assert Provenance.from_dict(json.loads(json.dumps(MADE.to_dict()))) == MADE
    assert Provenance.from_dict({}) == Provenance()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"layer": "30"}, "layer cannot be '30'"),
        ({"layer": True}, "layer cannot be True"),
        ({"precision": "fp8"}, "precision 'fp8' is not fp32 or bf16"),
    ],
)
def test_wrong_values_are_refused_by_key(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Provenance.from_dict(values)


def test_description_is_one_line_for_people() -> None:
    assert MADE.describe() == (
        "esm2_t30_150M_UR50D, layer 30, pooling mean, bf16, "
        "windows of 1022 residues sharing 255, weights abababab"
    )
    assert Provenance().describe() == "vectors of unstated origin"
