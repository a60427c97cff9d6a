"""Good input files -> the bad ones that users have, by kind of file."""

import gzip
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

import ppi_ratio as pr
from ppi_ratio.embeddings.provenance import Provenance

DATA_ERROR, CONFIG_ERROR = 1, 2


@dataclass(frozen=True)
class Bad:
    """One way in which a file can be bad.

    Attributes:
        make: writes the bad file, given the good one.
        said: what the message must hold; the name of the file if empty.
        code: exit code.
    """

    make: Callable[[Path, Path], object]
    said: str = ""
    code: int = DATA_ERROR


def _nothing(good: Path, bad: Path) -> None:
    pass


def _folder(good: Path, bad: Path) -> None:
    bad.mkdir()


def _link_to_nothing(good: Path, bad: Path) -> None:
    bad.symlink_to(bad.parent / "nothing")


def _junk(good: Path, bad: Path) -> None:
    bad.write_bytes(np.random.default_rng(0).bytes(3000))


def _written(content: bytes | str) -> Callable[[Path, Path], object]:
    raw = content.encode() if isinstance(content, str) else content
    return lambda good, bad: bad.write_bytes(raw)


def _changed(change: Callable[[bytes], bytes]) -> Callable[[Path, Path], object]:
    return lambda good, bad: bad.write_bytes(change(good.read_bytes()))


def _edited(old: str, new: str) -> Callable[[Path, Path], object]:
    """One replacement in a text."""

    def make(good: Path, bad: Path) -> None:
        text = good.read_text(encoding="utf-8")
        assert old in text
        bad.write_text(text.replace(old, new, 1), encoding="utf-8")

    return make


def _appended(line: str) -> Callable[[Path, Path], object]:
    return _changed(lambda raw: raw + line.encode())


def _half(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _flipped(raw: bytes) -> bytes:
    """The same with a bit changed in the middle of its packed form."""
    packed = bytearray(gzip.compress(raw))
    packed[len(packed) // 2] ^= 1
    return bytes(packed)


def _in_latin1(raw: bytes) -> bytes:
    """With a letter in the last line that UTF-8 writes otherwise."""
    return raw.rstrip(b"\n") + b"\xe9\n"


TEXT: Mapping[str, Bad] = {
    "missing": Bad(_nothing, "no such"),
    "link to nothing": Bad(_link_to_nothing, "no such"),
    "folder": Bad(_folder),
    "empty": Bad(_written("")),
    "blank": Bad(_written("\n\n  \n")),
    "junk": Bad(_junk),
    "NUL bytes": Bad(_changed(lambda raw: raw.replace(b"\n", b"\0\n", 3)), "line 1"),
    "truncated gzip": Bad(_changed(lambda raw: _half(gzip.compress(raw)))),
    "gzip with a flipped bit": Bad(_changed(_flipped)),
    "junk called gzip": Bad(_changed(lambda raw: b"\x1f\x8b" + raw)),
    "UTF-16": Bad(_changed(lambda raw: raw.decode().encode("utf-16"))),
    "Latin-1": Bad(_changed(_in_latin1)),
}

FASTA = {
    **TEXT,
    "no header": Bad(_written("MKVLA\n"), "line 1"),
    "nucleotides": Bad(_written(">a\n" + "ACGT" * 20 + "\n"), "nucleotides"),
    "only empty records": Bad(_written(">a\n>b\n\n")),
    "record without an id": Bad(_appended(">\nMKV\n"), "without an id"),
    "digit in a sequence": Bad(_appended(">new\nMK1V\n"), "new (line"),
    "gap in a sequence": Bad(_appended(">new\nMK-V\n"), "new (line"),
    "one id, two sequences": Bad(_appended(">new\nMKV\n>new\nMKVL\n"), "new (line"),
    "HTML": Bad(_written("<!DOCTYPE html>\n<html><body>404</body></html>\n"), "line 1"),
}

PAIR_ROWS = {
    **TEXT,
    "one column": Bad(_written("P000\nP001\n")),
    "only a header": Bad(_written("protein1\tprotein2\n")),
    "only comments": Bad(_written("# P000\tP001\n")),
    "FASTA": Bad(_written(">P000\nMKVLA\n>P001\nMKVLAA\n"), "two ids"),
    "control character in an id": Bad(_written("P000\tP0\x0701\n"), "line 1"),
    "quote that does not end": Bad(_written('"P000\tP001\n"P002\tP003\n')),
    "header shorter than the rows": Bad(
        _written("protein1\tprotein2\n1\tP000\tP001\n"), "row names"
    ),
}

ROWS_OF_ONE_ID = ("one column", "FASTA", "quote that does not end")
PAIRS = {
    **PAIR_ROWS,
    "only self pairs": Bad(_written("P000\tP000\t1\n"), "self pairs"),
    "scores": Bad(_written("P000\tP001\t0.7\nP001\tP002\t0.2\n"), "--min-score"),
    "header of unknown names": Bad(
        _written("un\tdeux\ttrois\nP000\tP001\t1\nP001\tP002\t0\n"), "line 1"
    ),
    "a label that is none": Bad(
        _written("P000\tP001\t1\nP001\tP002\tmaybe\nP002\tP003\t0\n"), "line 2"
    ),
    "a NaN label": Bad(_written("P000\tP001\t1\nP001\tP002\tnan\nP002\tP003\t0\n"), "line 2"),
    "named label that is none": Bad(
        _written("protein1\tprotein2\tlabel\nP000\tP001\t2\n"), "line 2"
    ),
}

SCORES = {
    **PAIR_ROWS,
    "two columns": Bad(_written("P000\tP001\n")),
    "no number": Bad(_written("P000\tP001\thigh\n"), "no number"),
    "only NaN": Bad(_written("P000\tP001\tnan\nP002\tP003\tinf\n"), "no number"),
    "labels": Bad(_written("P000\tP001\t1\nP002\tP003\t0\n"), "--score-column"),
    "of no pair": Bad(_written("X\tY\t0.5\n"), "X Y"),
    "header without a score": Bad(_written("protein1\tprotein2\tkind\nP000\tP001\t3\n")),
}

IDS = {
    **TEXT,
    "only comments": Bad(_written("# P000\n\n")),
    "unknown id": Bad(_appended("Q99999\n"), "Q99999"),
    "no known id": Bad(_written("X\nY\n"), "X"),
}

SPECIES = {
    **TEXT,
    "one column": Bad(_written("P000\nP001\n"), "line 1"),
    "one bad line": Bad(_appended("P999\n"), "line 91"),
    "a protein missing": Bad(_edited("P000\t0\n", ""), "P000"),
    "a protein twice": Bad(_appended("P000\t1\n"), "line 91"),
    "none of the test species": Bad(_changed(lambda raw: raw.replace(b"\t2", b"\t1")), "species 2"),
}


def _rewritten(change: Callable[[h5py.File], object]) -> Callable[[Path, Path], object]:
    """A copy of an HDF5 file, changed."""

    def make(good: Path, bad: Path) -> None:
        shutil.copyfile(good, bad)
        with h5py.File(bad, "r+") as file:
            change(file)

    return make


def _value(number: float) -> Callable[[h5py.File], object]:
    """Makes that the first number of every row; of one row, it costs one protein only."""

    def change(file: h5py.File) -> None:
        vectors = file["vectors"]
        assert isinstance(vectors, h5py.Dataset)
        vectors[:, 0] = number

    return change


def _replaced(name: str, values: object) -> Callable[[h5py.File], object]:
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = values

    return change


def _without(name: str) -> Callable[[h5py.File], object]:
    return lambda file: file.__delitem__(name)


def _twice(file: h5py.File) -> None:
    """The first id again in the second row."""
    ids = file["ids"]
    assert isinstance(ids, h5py.Dataset)
    ids[1] = ids[0]


def _newer(file: h5py.File) -> None:
    file.attrs["version"] = 99


def _linked(file: h5py.File) -> None:
    del file["vectors"]
    file["vectors"] = h5py.ExternalLink("elsewhere.h5", "vectors")


def _same_original_id(good: Path, bad: Path) -> None:
    """As bio_embeddings writes, with one id for two vectors."""
    with h5py.File(bad, "w") as file:
        for number in range(3):
            file[str(number)] = np.ones(8, dtype=np.float32)
            file[str(number)].attrs["original_id"] = "P000" if number < 2 else "P001"


def _other_vectors(dim: int, encoder: str) -> Callable[[Path, Path], object]:
    """Vectors of the same proteins from elsewhere."""

    def make(good: Path, bad: Path) -> None:
        ids = pr.Embeddings.read(good).ids
        matrix = np.random.default_rng(0).normal(size=(len(ids), dim))
        made_by = Provenance(encoder=encoder)
        pr.Embeddings.from_arrays(ids, matrix, made_by).write(bad, dtype="float32")

    return make


def _npz(**arrays: npt.ArrayLike) -> Callable[[Path, Path], object]:
    def make(good: Path, bad: Path) -> None:
        with bad.open("wb") as file:
            np.savez(file, allow_pickle=True, **arrays)

    return make


def _dataset(shape: tuple[int, ...]) -> Callable[[Path, Path], object]:
    def make(good: Path, bad: Path) -> None:
        with h5py.File(bad, "w") as file:
            file["P000"] = np.zeros(shape, dtype=np.float32)

    return make


def _empty_hdf5(good: Path, bad: Path) -> None:
    h5py.File(bad, "w").close()


FOREIGN_VECTORS = {
    "missing": Bad(_nothing, "no such"),
    "link to nothing": Bad(_link_to_nothing, "no such"),
    "folder": Bad(_folder),
    "empty": Bad(_written("")),
    "junk": Bad(_junk),
    "junk called HDF5": Bad(_written(b"\x89HDF\r\n\x1a\n" + bytes(500))),
    "text": Bad(_written(">P000\nMKV\n")),
    "gzip": Bad(_changed(gzip.compress)),
    "truncated": Bad(_changed(_half)),
    "empty HDF5": Bad(_empty_hdf5),
    "HDF5 of something else": Bad(_dataset((3, 3, 3)), "P000"),
}

VECTORS = {
    **FOREIGN_VECTORS,
    "truncated npz": Bad(_written(b"PK\x03\x04" + bytes(100))),
    "NaN": Bad(_rewritten(_value(np.nan)), "not finite"),
    "inf": Bad(_rewritten(_value(-np.inf)), "not finite"),
    "an id twice": Bad(_rewritten(_twice), "P000"),
    "no ids": Bad(_rewritten(_without("ids")), "'ids'"),
    "no vectors": Bad(_rewritten(_without("vectors")), "'vectors'"),
    "too few ids": Bad(_rewritten(_replaced("ids", ["P000", "P001"])), "2 ids"),
    "ids that are numbers": Bad(_rewritten(_replaced("ids", [1.5, 2.5])), "'ids'"),
    "vectors that are text": Bad(_rewritten(_replaced("vectors", ["a"])), "shape"),
    "a newer version": Bad(_rewritten(_newer), "99"),
    "vectors in another file": Bad(_rewritten(_linked), "'vectors'"),
    "one original_id twice": Bad(_same_original_id, "P000"),
    "npz with an id twice": Bad(_npz(ids=["P000", "P000"], vectors=np.ones((2, 8))), "P000"),
    "npz with fewer ids": Bad(_npz(ids=["P000"], vectors=np.ones((2, 8)))),
    "npz of objects": Bad(_npz(ids=["P000"], vectors=np.array([{}], dtype=object))),
    "npz of two lengths": Bad(_npz(P000=np.ones(3), P001=np.ones(4)), "P001"),
}

MODEL_VECTORS = {
    **VECTORS,
    "another dimension": Bad(_other_vectors(7, "conjoint_triad"), "7"),
    "another encoder": Bad(_other_vectors(343, "esm2_t6_8M_UR50D"), "esm2_t6_8M_UR50D"),
    "unstated encoder": Bad(_other_vectors(343, "unstated"), "unstated"),
    # those of no id that is asked for are in the tests of single cases
}


def _copy(change: Callable[[Path], object]) -> Callable[[Path, Path], object]:
    """A copy of a folder, changed."""

    def make(good: Path, bad: Path) -> None:
        shutil.copytree(good, bad)
        change(bad)

    return make


def _loses(name: str) -> Callable[[Path, Path], object]:
    return _copy(lambda folder: (folder / name).unlink())


def _holds(name: str, content: bytes | str) -> Callable[[Path, Path], object]:
    raw = content.encode() if isinstance(content, str) else content
    return _copy(lambda folder: (folder / name).write_bytes(raw))


def _is_cut(name: str) -> Callable[[Path, Path], object]:
    return _copy(lambda folder: (folder / name).write_bytes(_half((folder / name).read_bytes())))


def _says(name: str, **changed: object) -> Callable[[Path, Path], object]:
    """A copy of a folder with other values in one of its JSON files."""

    def change(folder: Path) -> None:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps({**content, **changed}), encoding="utf-8")

    return _copy(change)


MODEL_FILES = ("model.json", "critic.safetensors", "proteins.tsv", "history.csv")
MODELS = {
    "missing": Bad(_nothing, "no model"),
    "file": Bad(_written("x"), "no model"),
    "empty folder": Bad(_folder, "no model"),
    **{f"no {name}": Bad(_loses(name), name) for name in MODEL_FILES},
    **{f"empty {name}": Bad(_holds(name, ""), name) for name in MODEL_FILES},
    **{f"junk as {name}": Bad(_holds(name, bytes(range(256))), name) for name in MODEL_FILES},
    "card cut short": Bad(_is_cut("model.json"), "model.json"),
    "card that is a list": Bad(_holds("model.json", "[]"), "model.json"),
    "card of another format": Bad(_says("model.json", format="other"), "model.json"),
    "card of a newer version": Bad(_says("model.json", version=99), "99"),
    "card with an unknown key": Bad(_says("model.json", colour="blue"), "colour"),
    "card with an unknown critic": Bad(_says("model.json", critic={"name": "x"}), "critic"),
    "card of another width": Bad(_says("model.json", dim=7), "critic.safetensors"),
    "weights cut short": Bad(_is_cut("critic.safetensors"), "critic.safetensors"),
    "degrees of something else": Bad(_holds("proteins.tsv", "a\tb\n1\t2\n"), "proteins.tsv"),
}

TABLES = ("results", "summary", "differences", "curves", "proteins", "history")


def _table(name: str, frame: pd.DataFrame) -> Callable[[Path, Path], object]:
    return _copy(lambda folder: frame.to_parquet(folder / f"{name}.parquet"))


REPORT_RUNS = {
    "missing": Bad(_nothing, "no such"),
    "file": Bad(_written("x"), "no such"),
    "empty folder": Bad(_folder, "no such"),
    "no description": Bad(_loses("comparison.json"), "comparison.json"),
    "no configuration": Bad(_loses("config.yaml"), "config.yaml"),
    "description cut short": Bad(_is_cut("comparison.json"), "comparison.json"),
    "description that is a list": Bad(_holds("comparison.json", "[]"), "comparison.json"),
    **{f"no {name}": Bad(_loses(f"{name}.parquet"), f"{name}.parquet") for name in TABLES},
    **{
        f"junk as {name}": Bad(_holds(f"{name}.parquet", b"junk"), f"{name}.parquet")
        for name in TABLES
    },
    **{
        f"{name} of something else": Bad(_table(name, pd.DataFrame({"a": [1]})), f"{name}.parquet")
        for name in TABLES
    },
    "results cut short": Bad(_is_cut("results.parquet"), "results.parquet"),
}

CONFIGS = {
    "missing": Bad(_nothing, "no such"),
    "link to nothing": Bad(_link_to_nothing, "no such"),
    "folder": Bad(_folder),
    "empty": Bad(_written(""), code=CONFIG_ERROR),
    "junk": Bad(_junk, code=CONFIG_ERROR),
    "NUL bytes": Bad(_written("a: \0\n"), code=CONFIG_ERROR),
    "gzip": Bad(_changed(gzip.compress), code=CONFIG_ERROR),
    "UTF-16": Bad(_changed(lambda raw: raw.decode().encode("utf-16")), code=CONFIG_ERROR),
    "Latin-1": Bad(_changed(_in_latin1), code=CONFIG_ERROR),
    "list": Bad(_written("- embeddings\n- split\n"), "list", CONFIG_ERROR),
    "word": Bad(_written("embeddings\n"), "str", CONFIG_ERROR),
    "tab before a key": Bad(_edited("  name", "\tname"), code=CONFIG_ERROR),
    "bracket that does not end": Bad(_appended("more: [1, 2\n"), code=CONFIG_ERROR),
    "unknown key": Bad(_appended("colour: blue\n"), "colour", CONFIG_ERROR),
    "numbers as keys": Bad(_appended("1: 2\n"), "1", CONFIG_ERROR),
    "missing key": Bad(_edited("trainer:", "trainers:"), "trainer", CONFIG_ERROR),
    "unknown name": Bad(_edited("name: bilinear", "name: trilinear"), "trilinear", CONFIG_ERROR),
    "text for a number": Bad(_edited("rank: 4", "rank: four"), "rank", CONFIG_ERROR),
    "negative number": Bad(_edited("rank: 4", "rank: -4"), "rank", CONFIG_ERROR),
    "NaN": Bad(_edited("batch_size: 64", "batch_size: .nan"), "batch_size", CONFIG_ERROR),
    "inf": Bad(_edited("beta: 1.0", "beta: .inf"), "beta", CONFIG_ERROR),
    "list for a table": Bad(_edited("split:", "split: []\nother:"), "split", CONFIG_ERROR),
    "a key twice": Bad(_appended("trainer: {max_epochs: 5}\n"), "trainer", CONFIG_ERROR),
    "a call of Python": Bad(
        _appended("title: !!python/object/apply:os.system ['true']\n"), "python", CONFIG_ERROR
    ),
    "critic with a direction": Bad(
        _edited("symmetric: true", "symmetric: false"), "symmetric", CONFIG_ERROR
    ),
}

SOURCES = {
    **TEXT,
    "something else": Bad(_written("one\ntwo\nthree\n"), "line 1"),
    "HTML": Bad(_written("<!DOCTYPE html>\n<html><body>404</body></html>\n"), "line 1"),
    "junk called zip": Bad(_written(b"PK\x03\x04" + bytes(100))),
    "HDF5": Bad(_dataset((8,)), "HDF5"),
}
del SOURCES["NUL bytes"]  # of some sources such rows are left out and counted

SOURCE_FOLDERS = {
    "missing": Bad(_nothing, "no such"),
    "empty folder": Bad(_folder),
    "file": Bad(_written("P84085 Q13976\n")),
    "no training pairs": Bad(_loses("Intra1_pos_rr.txt"), "Intra1_pos_rr.txt"),
    "empty test pairs": Bad(_holds("Intra2_pos_rr.txt", ""), "Intra2_pos_rr.txt"),
    "junk as test pairs": Bad(_holds("Intra2_pos_rr.txt", b"\xff\xfe\0"), "Intra2_pos_rr.txt"),
    "something else as test pairs": Bad(
        _holds("Intra2_pos_rr.txt", "a b c\n"), "Intra2_pos_rr.txt"
    ),
    "junk called zip": Bad(_written(b"PK\x03\x04" + bytes(100))),
}

MAPPINGS = {
    **TEXT,
    "one column": Bad(_written("P1\nP2\n")),
    "of no id": Bad(_written("a\tb\n"), "no pair is left"),
}


def _shards(change: Callable[[list[Path]], object]) -> Callable[[Path, Path], object]:
    """The two shards of a job, changed, beside where their whole would be."""

    def make(good: Path, bad: Path) -> None:
        paths = []
        for shard in sorted(good.parent.glob(f"{good.stem}-*{good.suffix}")):
            paths.append(bad.with_name(shard.name.replace(good.stem, bad.stem)))
            shutil.copyfile(shard, paths[-1])
        assert len(paths) == 2
        change(paths)

    return make


SHARDS = {
    "none": Bad(_nothing, "no shards"),
    "one missing": Bad(_shards(lambda paths: paths[1].unlink()), "00001-of-00002"),
    "of two jobs": Bad(
        _shards(lambda paths: paths[0].rename(str(paths[0]).replace("of-00002", "of-00003"))),
        "2 and of 3",
    ),
    "one empty": Bad(_shards(lambda paths: paths[1].write_bytes(b"")), "00001-of-00002"),
    "one of junk": Bad(_shards(lambda paths: paths[1].write_bytes(b"junk")), "00001-of-00002"),
    "one cut short": Bad(
        _shards(lambda paths: paths[1].write_bytes(_half(paths[1].read_bytes()))),
        "00001-of-00002",
    ),
}


def _also_folder(paths: list[Path]) -> None:
    paths[0].with_name(paths[0].name.replace("-00000-of-00002", "")).mkdir()


VECTOR_SHARDS = {
    **SHARDS,
    "a protein in two": Bad(
        _shards(lambda paths: shutil.copyfile(paths[0], paths[1])), "stands twice"
    ),
    "a folder in place of the whole": Bad(_shards(_also_folder)),
}

TABLE_SHARDS = {
    **SHARDS,
    "one of other columns": Bad(_shards(lambda paths: _other_columns(paths[1])), "00001-of-00002"),
    "a folder in place of the whole": Bad(_shards(_also_folder), code=CONFIG_ERROR),
}


def _other_columns(path: Path) -> None:
    frame = pd.DataFrame({"a": ["x"], "b": [1.0]})
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="\t", index=False)


_ALL: Mapping[str, Mapping[str, Bad]] = {
    "fasta": FASTA,
    "pairs": PAIRS,
    "training pairs": {**PAIRS, "of another split": Bad(_written("P000\tP001\t1\n"), "learned")},
    # of candidates every row comes back, if need be with the reason why it has no score
    "candidates": {name: bad for name, bad in PAIR_ROWS.items() if name not in ROWS_OF_ONE_ID},
    "scores": SCORES,
    "ids": IDS,
    "species": SPECIES,
    "vectors": VECTORS,
    "model vectors": MODEL_VECTORS,
    "foreign vectors": FOREIGN_VECTORS,
    "model": MODELS,
    "config": CONFIGS,
    "report run": REPORT_RUNS,
    "source": SOURCES,
    "source folder": SOURCE_FOLDERS,
    "aliases": {name: bad for name, bad in TEXT.items() if name not in ("NUL bytes", "Latin-1")},
    "mapping": MAPPINGS,
    "vector shards": VECTOR_SHARDS,
    "table shards": TABLE_SHARDS,
}
# where a verb reads a second file of a kind, or another verb has read all of it: one of each sort
_BRIEF = (
    *("missing", "folder", "empty", "junk", "truncated gzip", "UTF-16", "Latin-1", "one column"),
    *("a label that is none", "digit in a sequence", "truncated", "NaN", "another dimension"),
    *("another encoder", "unstated encoder", "one original_id twice", "no model.json"),
    *("card cut short", "card of a newer version", "weights cut short", "of another split"),
)
BAD: Mapping[str, Mapping[str, Bad]] = {
    **_ALL,
    **{
        f"{kind}, in brief": {name: bad for name, bad in faults.items() if name in _BRIEF}
        for kind, faults in _ALL.items()
    },
}
