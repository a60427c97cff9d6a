from pathlib import Path

import h5py
import numpy as np
import pytest
from source_samples import per_protein_file, text

import ppi_ratio as pr
from data_prep.lines import WrongFormatError
from data_prep.per_protein import ENCODER, PerProtein
from ppi_ratio.errors import InputError, ProvenanceError


def write_vectors(path: Path, vectors: dict[str, np.ndarray]) -> Path:
    with h5py.File(path, "w") as file:
        for name, vector in vectors.items():
            file[name] = vector
    return path


def test_vectors_are_written_with_the_name_of_their_encoder(tmp_path: Path) -> None:
    path = per_protein_file(tmp_path)
    PerProtein().parse(path).write(tmp_path / "out.h5")
    written, published = pr.Embeddings.read(tmp_path / "out.h5"), pr.Embeddings.read(path)
    assert written.provenance.encoder == ENCODER
    assert (written.dtype, written.ids) == ("float16", published.ids)
    assert np.array_equal(written.matrix(), published.matrix())


def test_coverage_of_a_table_is_counted(tmp_path: Path) -> None:
    pairs = text("P04637\tP84085\nP04637\tQ14315\nP84085\tQ13976-2\n", "pairs.tsv")(tmp_path)
    product = PerProtein(pairs=pairs).parse(per_protein_file(tmp_path))
    assert product.covered == {
        "rows of the table": 3,
        "rows with both vectors": 1,
        "proteins of the table": 4,
        "proteins with a vector": 2,
    }
    assert "no vector for Q13976-2, Q14315" in product.notes[0]


def test_vectors_of_another_encoder_are_not_taken_for_prott5(tmp_path: Path) -> None:
    short = write_vectors(tmp_path / "short.h5", {"P04637": np.ones(1900, np.float16)})
    with pytest.raises(ProvenanceError, match="1,900 numbers, but UniProt"):
        PerProtein().parse(short)
    renamed = write_vectors(tmp_path / "renamed.h5", {"4932.Q0010": np.ones(1024, np.float16)})
    with pytest.raises(ProvenanceError, match=r"not UniProt accessions, e\.g\. 4932\.Q0010"):
        PerProtein().parse(renamed)


def test_vectors_of_residues_are_refused(tmp_path: Path) -> None:
    path = write_vectors(tmp_path / "per-residue.h5", {"P04637": np.ones((9, 1024), np.float16)})
    with pytest.raises(InputError, match="P04637 has shape"):
        PerProtein().parse(path)


def test_a_value_that_is_not_finite_is_found_while_writing(tmp_path: Path) -> None:
    broken = np.ones(1024, np.float16)
    broken[7] = np.nan
    path = write_vectors(tmp_path / "broken.h5", {"P04637": broken})
    with pytest.raises(InputError, match="P04637"):
        PerProtein().parse(path).write(tmp_path / "out.h5")
    assert not (tmp_path / "out.h5").exists()


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongFormatError, match="not an HDF5 file"):
        PerProtein().parse(text("P04637\n")(tmp_path))
