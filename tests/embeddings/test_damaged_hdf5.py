"""HDF5 with damaged bytes is read or refused by name; most of it in our format is refused.

The HDF5 library may loop for ever over a damaged heap of variable-length text. Our own format has
none; bio_embeddings writes such text, so that of its files one damaged in some hundreds hangs.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from damage import DAMAGES, Damage, files_below, share_of_examples
from hypothesis import event, given
from reading_process import HUNG, READ, REFUSED, ReadingProcess

from ppi_ratio.embeddings import Embeddings, Provenance

NAMES = [f"Q{number}" for number in range(6)]
MATRIX = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def write_own(path: Path) -> None:
    hashes = [name * 4 for name in NAMES]
    made_by = Provenance("esm2_tiny", 2)
    Embeddings.from_arrays(NAMES, MATRIX, made_by, hashes).write(path, "float32")


def write_uniprot(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, vector in zip(NAMES, MATRIX, strict=True):
            file[name] = vector


def write_bio_embeddings(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for number, vector in enumerate(MATRIX):
            file[str(number)] = vector
            file[str(number)].attrs["original_id"] = f"Q{number} some description"


WRITERS: dict[str, Callable[[Path], None]] = {
    "own": write_own,
    "uniprot": write_uniprot,
    "bio_embeddings": write_bio_embeddings,
}


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    running = ReadingProcess()
    yield running
    running.end()


@pytest.fixture(scope="module", params=WRITERS, ids=str)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def folder(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hdf5")
    WRITERS[kind](made / "it.h5")
    return made


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[Path, bytes]:
    return files_below(folder)


def test_a_whole_file_is_read(process: ReadingProcess, kind: str, tmp_path: Path) -> None:
    WRITERS[kind](tmp_path / "it.h5")
    assert process.read(tmp_path / "it.h5") == READ


@share_of_examples(2)
@given(damage=DAMAGES)
def test_a_damaged_file_is_read_or_refused_by_name(
    process: ReadingProcess, kind: str, folder: Path, whole: dict[Path, bytes], damage: Damage
) -> None:
    damage.apply(folder, whole)
    answer = process.read(folder / "it.h5")
    event(answer.strip().splitlines()[-1])
    assert answer in (READ, REFUSED) or (kind, answer) == ("bio_embeddings", HUNG), answer
