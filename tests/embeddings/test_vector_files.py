"""Embeddings in memory and on disk: our format, foreign ones, and damaged ones."""

import contextlib
import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ppi_ratio.embeddings import Embeddings, Provenance
from ppi_ratio.errors import InputError, ProvenanceError

MADE = Provenance("esm2_tiny", 2, "mean", "ab" * 32, "fp32", 1022, 255)


@pytest.fixture
def vectors() -> Embeddings:
    matrix = np.random.default_rng(0).normal(size=(10, 4))
    names = [f"P{number}" for number in range(10)]
    return Embeddings.from_arrays(names, matrix, MADE, [name * 4 for name in names])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_written_vectors_read_back_with_their_origin(
    dtype: str, vectors: Embeddings, tmp_path: Path
) -> None:
    path = tmp_path / "v.h5"
    vectors.write(path, dtype)  # pyright: ignore[reportArgumentType]
    again = Embeddings.read(path)
    assert (again.ids, again.provenance, again.hashes) == (vectors.ids, MADE, vectors.hashes)
    assert (again.dtype, again.dim, len(again)) == (dtype, 4, 10)
    np.testing.assert_array_equal(again.matrix(), vectors.matrix().astype(dtype).astype(np.float32))
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.h5"]


def test_vectors_of_unknown_origin_keep_it_so(tmp_path: Path) -> None:
    Embeddings.from_arrays(["a"], [[1.0]]).write(tmp_path / "v.h5")
    again = Embeddings.read(tmp_path / "v.h5")
    assert again.hashes is None
    assert again.provenance.encoder == "unstated"
    assert Embeddings.read(tmp_path / "v.h5", encoder="prott5").provenance.encoder == "prott5"


@given(rows=st.lists(st.integers(0, 9), max_size=30))
def test_rows_come_in_the_order_asked_for(
    rows: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    matrix = np.arange(20, dtype=np.float32).reshape(10, 2)
    path = tmp_path_factory.getbasetemp() / "rows.h5"
    if not path.exists():
        Embeddings.from_arrays(map(str, range(10)), matrix).write(path)
    read = Embeddings.read(path).matrix(np.array(rows, dtype=np.int64))
    np.testing.assert_array_equal(read, matrix[rows])


def test_joined_files_are_read_as_one(vectors: Embeddings, tmp_path: Path) -> None:
    parts = []
    for number, rows in enumerate(([0, 1, 2], [3], [4, 5, 6, 7, 8, 9])):
        ids = [vectors.ids[row] for row in rows]
        path = tmp_path / f"{number}.h5"
        Embeddings.from_arrays(ids, vectors.matrix(rows), MADE).write(path, "float32")
        parts.append(Embeddings.read(path))
    joined = Embeddings.join(parts)
    assert (joined.ids, joined.provenance, joined.dtype) == (vectors.ids, MADE, "float32")
    for rows in ([9, 0, 3, 3, 4], [1], [], range(10)):
        asked = np.array(rows, dtype=np.int64)
        np.testing.assert_array_equal(joined.matrix(asked), vectors.matrix(asked))


def test_vectors_that_do_not_belong_together_are_not_joined(vectors: Embeddings) -> None:
    other = Embeddings.from_arrays(["X"], [[1.0, 2.0, 3.0, 4.0]])
    with pytest.raises(ProvenanceError, match=r"must come from one encoder: .*unstated"):
        Embeddings.join([vectors, other])
    wide = Embeddings.from_arrays(["X"], [[1.0, 2.0]], MADE)
    with pytest.raises(ProvenanceError, match="2 dimensions"):
        Embeddings.join([vectors, wide])
    with pytest.raises(InputError, match="P0"):
        Embeddings.join([vectors, vectors])
    with pytest.raises(ValueError, match="no vectors"):
        Embeddings.join([])


def test_ids_are_found_by_accession_and_absent_ones_are_minus_one() -> None:
    vectors = Embeddings.from_arrays(["sp|P1|A", "Q2"], np.eye(2))
    assert vectors.rows(["Q2", "P1", "R3"]).tolist() == [1, 0, -1]
    with pytest.raises(IndexError, match="row -1 of 2"):
        vectors.matrix(vectors.rows(["R3"]))
    with pytest.raises(IndexError, match="row 2 of 2"):
        vectors.matrix([2])


@pytest.mark.parametrize(
    ("ids", "matrix", "message"),
    [
        (["a", "b", "a"], np.ones((3, 2)), "the id a stands twice"),
        (["a", ""], np.ones((2, 2)), "row 1 has the id ''"),
        (["a", "b"], np.ones((3, 2)), r"shape \(3, 2\) for 2 ids"),
        (["a", "b"], np.ones(2), r"shape \(2,\) for 2 ids"),
        (["a"], np.ones((1, 0)), "holds no values"),
        ([], np.ones((0, 3)), "holds no values"),
        (["a", "b"], [[1.0, 2.0], [np.nan, 1.0]], "b: its vector has a value that is not finite"),
        (["a"], [[1e300]], "a: its vector has a value that is not finite"),
        (["a"], [["x"]], "values are <U1, expected numbers"),
    ],
)
def test_arrays_that_break_a_rule_are_refused(
    ids: list[str], matrix: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Embeddings.from_arrays(ids, matrix)


def test_writing_keeps_the_precision_of_the_vectors(tmp_path: Path) -> None:
    matrix = np.array([[0.1, 0.2]], dtype=np.float32)
    vectors = Embeddings.from_arrays(["a"], matrix)
    vectors.write(tmp_path / "v.h5")
    kept = Embeddings.read(tmp_path / "v.h5")
    assert kept.dtype == "float32"
    np.testing.assert_array_equal(kept.matrix(), matrix)
    vectors.write(tmp_path / "half.h5", "float16")
    Embeddings.read(tmp_path / "half.h5").write(tmp_path / "again.h5")
    assert Embeddings.read(tmp_path / "again.h5").dtype == "float16"


def test_a_frame_has_a_row_per_protein() -> None:
    frame = Embeddings.from_arrays(["b", "a"], [[1.0, 2.0], [3.0, 4.0]]).to_frame()
    assert frame.index.tolist() == ["b", "a"]
    assert frame.loc["a"].tolist() == [3.0, 4.0]


def test_values_beyond_float16_are_refused_with_the_remedy_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    vectors = Embeddings.from_arrays(["a", "b"], [[1.0], [7e4]])
    with pytest.raises(InputError, match=r"b: a value is beyond float16.*store float32"):
        vectors.write(tmp_path / "v.h5", "float16")
    assert not list(tmp_path.iterdir())
    vectors.write(tmp_path / "v.h5", "float32")
    assert Embeddings.read(tmp_path / "v.h5").matrix()[1, 0] == 7e4


def test_failed_write_leaves_the_former_file(vectors: Embeddings, tmp_path: Path) -> None:
    path = tmp_path / "v.h5"
    vectors.write(path)
    with pytest.raises(InputError):
        Embeddings.from_arrays(["a"], [[7e4]]).write(path, "float16")
    assert Embeddings.read(path).ids == vectors.ids


def test_another_encoder_than_the_file_states_is_refused(
    vectors: Embeddings, tmp_path: Path
) -> None:
    vectors.write(tmp_path / "v.h5")
    assert Embeddings.read(tmp_path / "v.h5", encoder="esm2_tiny").provenance == MADE
    with pytest.raises(ProvenanceError, match="states the encoder esm2_tiny, not prott5"):
        Embeddings.read(tmp_path / "v.h5", encoder="prott5")


def test_file_that_changed_since_it_was_opened_is_noticed(
    vectors: Embeddings, tmp_path: Path
) -> None:
    path = tmp_path / "v.h5"
    vectors.write(path)
    opened = Embeddings.read(path)
    Embeddings.from_arrays(["z"], np.ones((1, 4))).write(path)
    with pytest.raises(ProvenanceError, match="changed since it was opened"):
        opened.matrix()


def test_newer_format_is_refused(vectors: Embeddings, tmp_path: Path) -> None:
    vectors.write(tmp_path / "v.h5")
    with h5py.File(tmp_path / "v.h5", "a") as file:
        file.attrs["version"] = 2
    with pytest.raises(InputError, match="format version 2, this ppi_ratio reads up to 1"):
        Embeddings.read(tmp_path / "v.h5")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated_hdf5_is_one_error_naming_the_file(
    share: float, vectors: Embeddings, tmp_path: Path
) -> None:
    path = tmp_path / "v.h5"
    vectors.write(path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"v\.h5: damaged or truncated HDF5.*create the file"):
        Embeddings.read(path)


def test_every_single_damaged_block_ends_in_an_input_error_or_in_rows(
    vectors: Embeddings, tmp_path: Path
) -> None:
    path = tmp_path / "v.h5"
    vectors.write(path)
    whole = path.read_bytes()
    for start in range(8, len(whole), 192):
        path.write_bytes(whole[:start] + b"\xff" * 64 + whole[start + 64 :])
        with contextlib.suppress(InputError):
            Embeddings.read(path).matrix()


def test_files_that_lack_a_part_or_lie_are_refused(vectors: Embeddings, tmp_path: Path) -> None:
    path = tmp_path / "v.h5"
    for name in ("ids", "vectors"):
        vectors.write(path)
        with h5py.File(path, "a") as file:
            del file[name]
        with pytest.raises(InputError, match=f"no dataset '{name}'"):
            Embeddings.read(path)
    vectors.write(path)
    with h5py.File(path, "a") as file:
        file["vectors"][3, 1] = np.nan  # pyright: ignore[reportIndexIssue]
    damaged = Embeddings.read(path)
    assert damaged.matrix([0, 1]).shape == (2, 4)
    with pytest.raises(InputError, match="P3: its vector has a value that is not finite"):
        damaged.matrix()


def test_missing_file_and_other_kinds_of_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"v\.h5: no such file; vectors are made by"):
        Embeddings.read(tmp_path / "v.h5")
    (tmp_path / "text.h5").write_text("id\tvalue\n")
    with pytest.raises(InputError, match=r"text\.h5: no vectors in a known format"):
        Embeddings.read(tmp_path / "text.h5")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"folder without \.pt files"):
        Embeddings.read(tmp_path / "empty")
    with pytest.raises(InputError, match="is a directory"):
        Embeddings.from_arrays(["a"], [[1.0]]).write(tmp_path / "empty")


# What other programs write.


def test_uniprot_file_is_one_dataset_per_id(tmp_path: Path) -> None:
    path = tmp_path / "per-protein.h5"
    matrix = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float16)
    names = ["Q9", "A0A1", "P12345"]
    with h5py.File(path, "w") as file:
        for name, vector in zip(names, matrix, strict=True):
            file[name] = vector
    read = Embeddings.read(path, encoder="prott5")
    assert (read.dim, read.provenance.encoder, read.hashes) == (5, "prott5", None)
    np.testing.assert_array_equal(read.matrix(read.rows(names)), matrix.astype(np.float32))
    np.testing.assert_array_equal(read.matrix([1, 0, 1]), read.matrix()[[1, 0, 1]])


def test_bio_embeddings_file_takes_ids_from_its_attribute(tmp_path: Path) -> None:
    path = tmp_path / "reduced_embeddings_file.h5"
    with h5py.File(path, "w") as file:
        for number in range(3):
            file[str(number)] = np.full(4, float(number))
            file[str(number)].attrs["original_id"] = f"P{number} some description"
    assert Embeddings.read(path).ids == ("P0", "P1", "P2")
    with h5py.File(path, "a") as file:
        del file["1"].attrs["original_id"]
    with pytest.raises(InputError, match="/1 has no original_id, though others have"):
        Embeddings.read(path)


def test_per_residue_and_unequal_datasets_are_refused_by_id(tmp_path: Path) -> None:
    cases = {
        "residues": (
            np.ones((7, 4)),
            r"P1 has shape \(7, 4\).*if these are residues, take their mean",
        ),
        "short": (np.ones(3), "P1 has 3 values, the first protein 4"),
        "text": (np.array([b"abcd"] * 4), "P1 holds"),
        "scalar": (np.float32(1.0), r"P1 has shape \(\)"),
    }
    for name, (content, message) in cases.items():
        with h5py.File(tmp_path / name, "w") as file:
            file["P0"], file["P1"] = np.ones(4), content
        with pytest.raises(InputError, match=message):
            Embeddings.read(tmp_path / name)
    with h5py.File(tmp_path / "group", "w") as file:
        file["P0"] = np.ones(4)
        file.create_group("P1")
    with pytest.raises(InputError, match="'P1' is a group"):
        Embeddings.read(tmp_path / "group")
    with h5py.File(tmp_path / "nothing", "w"):
        pass
    with pytest.raises(InputError, match="is empty"):
        Embeddings.read(tmp_path / "nothing")


def test_values_outside_the_file_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["P1"] = np.ones(4)
    (tmp_path / "secret.bin").write_bytes(np.ones(4).tobytes())

    def external_link(file: h5py.File) -> None:
        file["P1"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/P1")

    def soft_link(file: h5py.File) -> None:
        file["P1"] = h5py.SoftLink("/P0")

    def external_storage(file: h5py.File) -> None:
        where = [(str(tmp_path / "secret.bin"), 0, 32)]
        file.create_dataset("P1", shape=(4,), dtype="f8", external=where)

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "P1", shape=(4,))
        file.create_virtual_dataset("P1", layout)

    for number, add in enumerate((external_link, soft_link, external_storage, virtual)):
        path = tmp_path / f"{number}.h5"
        with h5py.File(path, "w") as file:
            file["P0"] = np.zeros(4)
            add(file)
        with pytest.raises(InputError, match=r"not followed|are in another file"):
            Embeddings.read(path)


def test_esm_extract_folder_gives_its_highest_common_layer(tmp_path: Path) -> None:
    folder = tmp_path / "extracted"
    (folder / "sub").mkdir(parents=True)
    for number, layers in enumerate([(1, 2, 3), (1, 2)]):
        means = {layer: torch.full((3,), 10.0 * layer + number) for layer in layers}
        content = {"label": f"P{number} OS=Homo", "mean_representations": means}
        # A "/" in a header makes esm-extract write into a folder of that name.
        torch.save(content, folder / ("sub" if number else ".") / f"P{number} OS=Homo.pt")
    read = Embeddings.read(folder, encoder="esm2_t6_8M_UR50D")
    assert read.ids == ("P0", "P1")
    assert read.provenance == Provenance("esm2_t6_8M_UR50D", 2, "mean")
    np.testing.assert_array_equal(read.matrix(), [[20.0] * 3, [21.0] * 3])
    torch.save({"label": "P2", "mean_representations": {9: torch.ones(3)}}, folder / "z.pt")
    with pytest.raises(InputError, match=r"z\.pt: shares no layer"):
        Embeddings.read(folder)
    torch.save({"label": "P2", "representations": {2: torch.ones(5, 3)}}, folder / "z.pt")
    with pytest.raises(InputError, match=r"z\.pt: not a file of esm-extract.*--include mean"):
        Embeddings.read(folder)


def test_npz_holds_ids_and_vectors_or_one_array_per_id(tmp_path: Path) -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.savez(tmp_path / "stacked.npz", ids=np.array(["a", "b"]), vectors=matrix)
    np.savez(tmp_path / "bytes.npz", ids=np.array([b"a", b"b"]), vectors=matrix)
    np.savez_compressed(tmp_path / "apart.npz", a=matrix[0], b=matrix[1])
    for name in ("stacked", "bytes", "apart"):
        read = Embeddings.read(tmp_path / f"{name}.npz")
        assert read.ids == ("a", "b")
        np.testing.assert_array_equal(read.matrix(), matrix)


class Mischief:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.target}",)


def test_pickles_in_vectors_are_refused_and_not_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    np.savez(tmp_path / "v.npz", a=np.array([Mischief(trace)], dtype=object))
    with pytest.raises(InputError, match=r"v\.npz: not a readable \.npz of plain arrays"):
        Embeddings.read(tmp_path / "v.npz")
    folder = tmp_path / "extracted"
    folder.mkdir()
    torch.save({"label": Mischief(trace)}, folder / "P1.pt")
    with pytest.raises(InputError, match=r"P1\.pt: not a file of esm-extract"):
        Embeddings.read(folder)
    assert not trace.exists()


def test_damaged_npz_and_other_zip_files_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", a=np.ones(300), b=np.ones(300))
    whole = (tmp_path / "v.npz").read_bytes()
    for length in (30, len(whole) // 2, len(whole) - 10):
        (tmp_path / "cut.npz").write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"cut\.npz"):
            Embeddings.read(tmp_path / "cut.npz")
    torch.save({"a": torch.ones(3)}, tmp_path / "weights.pt")
    with pytest.raises(InputError, match=r"weights\.pt"):
        Embeddings.read(tmp_path / "weights.pt")


def test_ids_twice_in_foreign_files_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", ids=np.array(["a", "a"]), vectors=np.ones((2, 3)))
    with pytest.raises(InputError, match=r"v\.npz: the id a stands twice"):
        Embeddings.read(tmp_path / "v.npz")
