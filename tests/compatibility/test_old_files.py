"""What an earlier release wrote is read for ever, and what a later one writes is refused by name.

The files under ``v0.1.0`` were written by ``write_v0_1_0.py`` and stay as they are.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

import ppi_ratio as pr
from ppi_ratio.errors import InputError, ProvenanceError
from ppi_ratio.pairs import read_split
from ppi_ratio.report.page_run import read_run

pytestmark = pytest.mark.timeout(20)

OLD = Path(__file__).parent / "v0.1.0"
MODELS = sorted(path.parent.name for path in OLD.glob("*/model.json"))
IDS = ("P12345", "Q67890", "4932.YAL001C", "Ü<b>&", "sp|P04637|P53_HUMAN", "P1")
TOLERANCE = 1e-5  # nats


@pytest.fixture(scope="module")
def old_scores() -> pd.DataFrame:
    return pd.read_csv(OLD / "scores.tsv", sep="\t")


@pytest.fixture(scope="module")
def old_matrix() -> np.ndarray:
    return pd.read_csv(OLD / "vectors.tsv", sep="\t", index_col=0).to_numpy(dtype=np.float32)


def test_every_kind_of_critic_of_the_release_was_kept() -> None:
    kinds = {pr.RatioModel.load(OLD / name).card.critic.name for name in MODELS}
    assert kinds == {"bilinear", "separable", "mlp"}
    assert kinds <= set(pr.CRITICS)


@pytest.mark.parametrize("name", MODELS)
def test_an_old_model_scores_as_it_did(name: str, old_scores: pd.DataFrame) -> None:
    model = pr.RatioModel.load(OLD / name)
    scores = model.score(OLD / "pairs.tsv", pr.Embeddings.read(OLD / "vectors.h5"))
    np.testing.assert_allclose(scores["log_ratio"], old_scores[name], rtol=0, atol=TOLERANCE)
    assert list(scores["note"]) == [""] * len(scores)
    assert set(scores["pair_class"]) == {"C1", "C2", "C3"}


@pytest.mark.parametrize("name", MODELS)
def test_an_old_model_is_written_again_without_a_change(name: str, tmp_path: Path) -> None:
    model = pr.RatioModel.load(OLD / name)
    model.save(tmp_path / name)
    again = pr.RatioModel.load(tmp_path / name)
    assert again.content_hash() == model.content_hash()
    assert again.card == model.card


@pytest.mark.parametrize(
    ("name", "tolerance"), [("vectors.h5", 0), ("old_layout.h5", 0), ("halves.h5", 1e-3)]
)
def test_old_vectors_are_read(name: str, tolerance: float, old_matrix: np.ndarray) -> None:
    vectors = pr.Embeddings.read(OLD / name)
    assert vectors.ids == IDS
    assert (vectors.provenance.encoder, vectors.provenance.layer) == ("esm2_bundled", 2)
    # the text beside them has 9 digits
    np.testing.assert_allclose(vectors.matrix(), old_matrix, rtol=1e-6, atol=tolerance)


def test_what_made_old_vectors_is_known() -> None:
    vectors = pr.Embeddings.read(OLD / "vectors.h5")
    made_by = vectors.provenance
    assert (made_by.checkpoint, made_by.limit, made_by.overlap) == ("ab" * 32, 1022, 256)
    assert vectors.hashes == tuple(f"{number:032x}" for number in range(len(IDS)))


def test_an_old_split_and_table_are_read() -> None:
    train = read_split(OLD / "split").train
    table = pr.read_pairs(OLD / "pairs.parquet", directed=False)
    assert len(train) == len(table) == 4
    assert train.content_hash() == table.content_hash()


def newer(folder: Path, key: str, name: str) -> Path:
    """A copy of a folder whose sheet states the next version."""
    copy = Path(shutil.copytree(OLD / folder, name))
    (sheet,) = copy.glob("*.json")
    content = json.loads(sheet.read_text(encoding="utf-8"))
    sheet.write_text(json.dumps(content | {key: content[key] + 1}), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("folder", "key", "read"),
    [("bilinear", "version", pr.RatioModel.load), ("split", "format", read_split)],
)
def test_a_folder_of_a_newer_format_is_refused(
    folder: Path, key: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    path = newer(folder, key, str(tmp_path / "newer"))
    with pytest.raises(
        ProvenanceError, match=r"newer.*\.json: .* 2 is newer .*\(1\); upgrade ppi_ratio"
    ):
        read(path)


def test_vectors_of_a_newer_format_are_refused(tmp_path: Path) -> None:
    path = Path(shutil.copy(OLD / "vectors.h5", tmp_path))
    with h5py.File(path, "a") as file:
        file.attrs["version"] = 2
    with pytest.raises(InputError, match=r"vectors\.h5: format version 2, .* reads up to 1"):
        pr.Embeddings.read(path)


def test_a_comparison_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    data = {"pairs": "", "directed": False, "encoder": "", "noise": "", "splits": []}
    sheet = {"title": "", "created": "", "reference": "", "versions": {}, "data": data, "format": 2}
    (tmp_path / "comparison.json").write_text(json.dumps(sheet))
    with pytest.raises(ProvenanceError, match="format 2 is newer than this ppi_ratio reads"):
        read_run(tmp_path)
