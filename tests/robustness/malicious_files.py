"""Files as a stranger may craft them, and the commands that meet them.

Each member of ``CASES`` writes its files and says which command to give and what refuses it.
"""

import argparse
import gzip
import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import torch

from ppi_ratio.cli.training import recipe_of
from ppi_ratio.jobs import UNFINISHED, Job
from ppi_ratio.model.fitting import TRAINING
from ppi_ratio.settings.experiment import read_experiment

TERA = 10**12
MEGABYTE = 2**20
DATA, CONFIG = 1, 2  # exit codes
LINKS_HEADER = b"protein1 protein2 combined_score\n4932.A 4932.B 900\n"


class Mischief:
    """Runs a command when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.trace}",)


@dataclass(frozen=True)
class Place:
    """Where a case may write, and good files to put its own beside.

    Attributes:
        folder: empty, the case's own.
        good: a model, vectors, pairs, sequences, a split and a configuration; not to be changed.
        trace: exists if something ran.
        out: what the command is to write.
    """

    folder: Path
    good: Path
    trace: Path
    out: Path

    @property
    def mischief(self) -> Mischief:
        return Mischief(self.trace)

    def file(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def model(self) -> Path:
        """A copy of the good model, to be spoilt."""
        copy = self.folder / "model"
        copy.mkdir()
        for path in (self.good / "model").iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        return copy

    def scoring(
        self, *, model: Path | None = None, pairs: Path | None = None, vectors: Path | None = None
    ) -> list[object]:
        return [
            *("score", model or self.good / "model", pairs or self.good / "pairs.tsv"),
            *("--embeddings", vectors or self.good / "vectors.h5", "--out", self.out),
        ]

    def embedding(self, *, fasta: Path | None = None, encoder: object = "conjoint_triad") -> list:
        fasta = fasta or self.good / "proteins.fasta"
        return ["embed", fasta, "--encoder", encoder, "--out", self.out.with_suffix(".h5")]

    def training(self, config: Path | None = None, run: Path | None = None) -> list[object]:
        return ["train", config or self.good / "config.yaml", "--out", run or self.out]


Words = list[object]
Make = Callable[[Place], Words]


@dataclass(frozen=True)
class Case:
    """What writes the files and gives the command, and what it is answered."""

    make: Make
    message: str
    code: int = DATA


CASES: dict[str, Case] = {}


def case(message: str, code: int = DATA) -> Callable[[Make], Make]:
    """List a function under its name."""

    def listed(make: Make) -> Make:
        CASES[make.__name__] = Case(make, message, code)
        return make

    return listed


def listed(name: str, make: Make, message: str, code: int = DATA) -> None:
    CASES[name] = Case(make, message, code)


# Checkpoints of an encoder


def checkpoint_content(**changes: object) -> dict[str, object]:
    """A tiny ESM-2 in fair-esm's format, with other sizes claimed."""
    from esm.model.esm2 import ESM2

    sizes = {"layers": 2, "embed_dim": 16, "attention_heads": 2} | changes
    weights = {
        f"encoder.{'' if name.startswith('lm_head') else 'sentence_encoder.'}{name}": tensor
        for name, tensor in ESM2(2, 16, 2).state_dict().items()
    }
    claimed = {f"encoder_{name}": size for name, size in sizes.items()}
    settings = argparse.Namespace(**claimed, token_dropout=True)
    return {"cfg": {"model": settings}, "model": weights}


@case("not a checkpoint that can be read safely")
def checkpoint_pickle(place: Place) -> Words:
    path = place.folder / "evil.pt"
    torch.save({"cfg": place.mischief, "model": {}}, path)
    return place.embedding(encoder=path)


@case("not a checkpoint that can be read safely")
def checkpoint_old_pickle(place: Place) -> Words:
    evil = pickle.dumps({"cfg": place.mischief, "model": {}}, protocol=2)
    return place.embedding(encoder=place.file("evil.pt", evil))


@case("is compressed, and torch.save never compresses")
def checkpoint_compressed(place: Place) -> Words:
    path = place.folder / "evil.pt"
    torch.save({"cfg": {}, "model": {"weight": torch.zeros(8 * MEGABYTE)}}, path)
    return place.embedding(encoder=recompressed(path))


@case("claim more numbers than it holds")
def checkpoint_of_one_number_repeated(place: Place) -> Words:
    content = checkpoint_content()
    content["model"] = {"encoder.embed_tokens.weight": torch.zeros(1).expand(33, TERA)}
    path = place.folder / "evil.pt"
    torch.save(content, path)
    return place.embedding(encoder=path)


@case("claims 1000000000 layers")
def checkpoint_claims_layers(place: Place) -> Words:
    path = place.folder / "evil.pt"
    torch.save(checkpoint_content(layers=10**9), path)
    return place.embedding(encoder=path)


@case("not a whole checkpoint of fair-esm")
def checkpoint_claims_width(place: Place) -> Words:
    path = place.folder / "evil.pt"
    torch.save(checkpoint_content(embed_dim=10**9), path)
    return place.embedding(encoder=path)


@case("no such checkpoint")
def checkpoint_is_a_pipe(place: Place) -> Words:
    os.mkfifo(place.folder / "evil.pt")
    return place.embedding(encoder=place.folder / "evil.pt")


@case("no such checkpoint")
def checkpoint_is_endless(place: Place) -> Words:
    (place.folder / "evil.pt").symlink_to("/dev/zero")
    return place.embedding(encoder=place.folder / "evil.pt")


# Vectors of esm-extract


def extracted(place: Place, content: object) -> Path:
    path = place.folder / "vectors" / "P000.pt"
    path.parent.mkdir()
    torch.save(content, path)
    return path


@case("not a file of esm-extract")
def extract_pickle(place: Place) -> Words:
    path = extracted(place, {"label": place.mischief, "mean_representations": {}})
    return place.scoring(vectors=path.parent)


@case("is compressed, and torch.save never compresses")
def extract_compressed(place: Place) -> Words:
    means = {2: torch.zeros(8 * MEGABYTE)}
    path = extracted(place, {"label": "P000", "mean_representations": means})
    return place.scoring(vectors=recompressed(path).parent)


@case("not a file of esm-extract")
def extract_of_one_number_repeated(place: Place) -> Words:
    means = {2: torch.zeros(1).expand(TERA)}
    path = extracted(place, {"label": "P000", "mean_representations": means})
    return place.scoring(vectors=path.parent)


@case("is no file; expected one of esm-extract")
def extract_is_a_pipe(place: Place) -> Words:
    os.mkfifo(place.folder / "P000.pt")
    return place.scoring(vectors=place.folder)


# Arrays of NumPy


@case("not a readable .npz of plain arrays")
def npz_pickle(place: Place) -> Words:
    objects = np.array([place.mischief], dtype=object)
    np.savez(place.folder / "v.npz", ids=np.array(["P000"]), vectors=objects)
    return place.scoring(vectors=place.folder / "v.npz")


@case("the limit is 200 times the size on disk")
def npz_bomb(place: Place) -> Words:
    path = place.folder / "v.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("P000.npy", "w") as member,
    ):
        member.write(npy_header("<f8", (10 * MEGABYTE,)))
        for _ in range(80):
            member.write(bytes(MEGABYTE))
    return place.scoring(vectors=path)


def npz_that_claims(kind: str, shape: tuple[int, ...]) -> Make:
    def make(place: Place) -> Words:
        path = place.folder / "v.npz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ids.npy", npy_header(kind, shape))
            archive.writestr("vectors.npy", npy_header("<f4", shape))
        return place.scoring(vectors=path)

    return make


listed("npz_claims_tera", npz_that_claims("<f4", (TERA,)), "claims the shape")
listed("npz_claims_nothing_tera_times", npz_that_claims("<U0", (TERA,)), "claims the shape")


# HDF5


def hdf5(place: Place, fill: Callable[[h5py.File], None], *, own: bool = True) -> Words:
    """A file of our own format, or one of a dataset per protein, that ``fill`` spoils."""
    path = place.folder / "v.h5"
    with h5py.File(path, "w", libver="latest") as file:
        if own:
            file.attrs["format"], file.attrs["version"] = "ppi_ratio.embeddings", 1
        fill(file)
    return place.scoring(vectors=path)


def with_ids(file: h5py.File) -> None:
    file["ids"] = np.array([b"P000", b"P001"]).astype(h5py.string_dtype(length=4))


def hdf5_claims_wide(file: h5py.File) -> None:
    with_ids(file)
    shape = (2, TERA)
    file.create_dataset("vectors", shape=shape, dtype="f4", chunks=(1, 999), compression="gzip")


def hdf5_claims_long(file: h5py.File) -> None:
    text = h5py.string_dtype(length=8)
    file.create_dataset("ids", shape=(TERA,), dtype=text, chunks=(999,), compression="gzip")
    file.create_dataset("vectors", shape=(TERA, 1), dtype="f4", chunks=(999, 1))


def hdf5_claims_one_chunk(file: h5py.File) -> None:
    with_ids(file)
    shape, chunk = (2, 12), (MEGABYTE, 1000)
    file.create_dataset(
        "vectors", shape=shape, maxshape=(None, None), dtype="f4", chunks=chunk, compression="gzip"
    )


def hdf5_claims_per_protein(file: h5py.File) -> None:
    for name in ("P000", "P001"):
        file.create_dataset(name, shape=(TERA,), dtype="f4", chunks=(999,), compression="gzip")


def hdf5_external_link(file: h5py.File) -> None:
    with_ids(file)
    file["vectors"] = h5py.ExternalLink("/etc/passwd", "/vectors")


def hdf5_hashes_link_to_a_pipe(file: h5py.File) -> None:
    with_ids(file)
    file["vectors"] = np.ones((2, 12), dtype="f4")
    pipe = Path(file.filename).with_name("pipe")
    os.mkfifo(pipe)
    file["hashes"] = h5py.ExternalLink(str(pipe), "/hashes")


def hdf5_soft_link(file: h5py.File) -> None:
    with_ids(file)
    file["elsewhere/vectors"] = np.ones((2, 12), dtype="f4")
    file["vectors"] = h5py.SoftLink("/elsewhere/vectors")


def hdf5_external_storage(file: h5py.File) -> None:
    with_ids(file)
    outside = [("/etc/passwd", 0, 96)]
    file.create_dataset("vectors", shape=(2, 12), dtype="f4", external=outside)


def hdf5_virtual(file: h5py.File) -> None:
    with_ids(file)
    layout = h5py.VirtualLayout((2, 12), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "vectors", shape=(2, 12))
    file.create_virtual_dataset("vectors", layout)


def hdf5_external_link_per_protein(file: h5py.File) -> None:
    file["P000"] = np.ones(12, dtype="f4")
    file["P001"] = h5py.ExternalLink("/etc/passwd", "/P001")


def hdf5_references(file: h5py.File) -> None:
    file["vectors"] = np.ones((2, 12), dtype="f4")
    ids = file.create_dataset("ids", shape=(2,), dtype=h5py.ref_dtype)
    ids[:] = [file["vectors"].ref] * 2


def hdf5_references_as_vectors(file: h5py.File) -> None:
    with_ids(file)
    vectors = file.create_dataset("vectors", shape=(2, 12), dtype=h5py.ref_dtype)
    vectors[0, 0] = file["ids"].ref


def hdf5_reference_as_attribute(file: h5py.File) -> None:
    with_ids(file)
    file["vectors"] = np.ones((2, 12), dtype="f4")
    file.attrs["encoder"] = file["vectors"].ref


for fill, message in (
    (hdf5_claims_wide, "the limit is 200 times the size on disk"),
    (hdf5_claims_long, "the limit is 200 times the size on disk"),
    (hdf5_claims_one_chunk, "the limit is 200 times the size on disk"),
    (hdf5_external_link, "is a link, and links are not followed"),
    (hdf5_hashes_link_to_a_pipe, "is a link, and links are not followed"),
    (hdf5_soft_link, "is a link, and links are not followed"),
    (hdf5_external_storage, "are in another file, which is not read"),
    (hdf5_virtual, "are in another file, which is not read"),
    (hdf5_references, "is not a list of strings"),
    (hdf5_references_as_vectors, "expected numbers"),
    (hdf5_reference_as_attribute, "encoder cannot be"),
):
    listed(fill.__name__, lambda place, fill=fill: hdf5(place, fill), message)
for fill, message in (
    (hdf5_claims_per_protein, "the limit is 200 times the size on disk"),
    (hdf5_external_link_per_protein, "is a link, and links are not followed"),
):
    listed(fill.__name__, lambda place, fill=fill: hdf5(place, fill, own=False), message)


@case("is a device or a pipe")
def vectors_are_a_pipe(place: Place) -> Words:
    os.mkfifo(place.folder / "v.h5")
    return place.scoring(vectors=place.folder / "v.h5")


@case("is a device or a pipe")
def vectors_are_endless(place: Place) -> Words:
    return place.scoring(vectors=Path("/dev/zero"))


# Models: weights


def weights(content: bytes) -> Make:
    def make(place: Place) -> Words:
        model = place.model()
        (model / "critic.safetensors").write_bytes(content)
        return place.scoring(model=model)

    return make


def safetensors(header: Mapping[str, object], data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


CLAIM = {"critic.bias": {"dtype": "F32", "shape": [TERA], "data_offsets": [0, 4 * TERA]}}
NESTED = b'{"a":' + b"[" * 100_000
DOES_NOT_FIT = "does not fit the model's card"
listed("weights_claim_tera", weights(safetensors(CLAIM, bytes(8))), DOES_NOT_FIT)
listed("weights_with_endless_header", weights(struct.pack("<Q", 2**62) + b"{}"), DOES_NOT_FIT)
listed("weights_with_long_header", weights(struct.pack("<Q", 90 * MEGABYTE) + b"{}"), DOES_NOT_FIT)
listed(
    "weights_with_nested_header",
    weights(struct.pack("<Q", len(NESTED)) + NESTED),
    DOES_NOT_FIT,
)
listed("weights_are_a_pickle", weights(pickle.dumps([1, 2])), DOES_NOT_FIT)


@case("numbers that are not finite")
def weights_are_no_numbers(place: Place) -> Words:
    from safetensors.torch import load_file, save_file

    model = place.model()
    path = model / "critic.safetensors"
    save_file({name: tensor * torch.nan for name, tensor in load_file(path).items()}, path)
    return place.scoring(model=model)


# Models: cards


def card(change: Callable[[dict], object]) -> Make:
    def make(place: Place) -> Words:
        model = place.model()
        path = model / "model.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))
        return place.scoring(model=model)

    return make


MLP = {"name": "mlp", "symmetric": True}
ATTENTIVE = {"name": "attentive", "symmetric": True}
UNITS = {"segments": 2, "segment_dim": 1, "hidden": TERA}
SIZE = "should be|Unable to parse"
for name, change, message in (
    ("card_claims_rank", lambda card: card["critic"].update(rank=TERA), DOES_NOT_FIT),
    ("card_claims_rank_beyond_int64", lambda card: card["critic"].update(rank=10**30), ""),
    ("card_claims_hidden", lambda card: card["critic"].update(hidden=[10**9]), DOES_NOT_FIT),
    ("card_claims_segments", lambda card: card.update(critic=ATTENTIVE), DOES_NOT_FIT),
    ("card_claims_units", lambda card: card.update(critic=ATTENTIVE | UNITS), DOES_NOT_FIT),
    ("card_claims_dim", lambda card: card.update(dim=TERA), DOES_NOT_FIT),
    ("card_claims_other_dim", lambda card: card.update(dim=13), DOES_NOT_FIT),
    ("card_of_negative_dim", lambda card: card.update(dim=-1), DOES_NOT_FIT),
    ("card_of_negative_rank", lambda card: card["critic"].update(rank=-1), "greater than 0"),
    ("card_claims_layers", lambda card: card.update(critic=MLP | {"layers": TERA}), "at most|less"),
    ("card_claims_layer_list", lambda card: card["critic"].update(hidden=[8] * 9999), "at most"),
    ("card_of_no_number", lambda card: card["normaliser"].update(log_normaliser=np.nan), "finite"),
    ("card_of_infinity", lambda card: card["normaliser"].update(log_normaliser=np.inf), "finite"),
    ("card_names_a_file", lambda card: card.update(weights="../../secret"), "weights: Unexpected"),
    ("card_names_a_class", lambda card: card["critic"].update(name="os.system"), "critic"),
    ("card_too_large", lambda card: card.update(training_pairs="x" * 2 * MEGABYTE), "larger than"),
):
    listed(name, card(change), message)


def model_file(name: str, spoil: Callable[[Path], object]) -> Make:
    def make(place: Place) -> Words:
        model = place.model()
        (model / name).unlink()
        spoil(model / name)
        return place.scoring(model=model)

    return make


listed(
    "card_nested",
    model_file("model.json", lambda path: path.write_bytes(NESTED)),
    "not JSON .*copy the model again",
)
for name, target in (
    ("card", "model.json"),
    ("weights", "critic.safetensors"),
    ("degrees", "proteins.tsv"),
    ("history", "history.csv"),
):
    missing = f"no model there .*{target} is missing"
    listed(f"{name}_are_a_pipe", model_file(target, os.mkfifo), missing)
    listed(
        f"{name}_are_endless",
        model_file(target, lambda path: path.symlink_to("/dev/zero")),
        missing,
    )
    listed(
        f"{name}_linked_from_elsewhere",
        model_file(target, lambda path: path.symlink_to("/etc/passwd")),
        "outside the model's folder",
    )


# Text


def gzip_bomb(line: bytes) -> bytes:
    """200 MB of one line in 200 kB."""
    return 200 * gzip.compress(line * (MEGABYTE // len(line)))


@case("the limit is 200 times the size on disk")
def fasta_bomb(place: Place) -> Words:
    bomb = gzip.compress(b">P0\n") + gzip_bomb(b"A")
    return place.embedding(fasta=place.file("p.fasta.gz", bomb))


@case("the limit is 200 times the size on disk")
def pairs_bomb(place: Place) -> Words:
    return place.scoring(pairs=place.file("p.tsv.gz", gzip_bomb(b"P000\tP001\n")))


@case("the limit is 200 times the size on disk")
def pairs_bomb_in_parquet(place: Place) -> Words:
    row = pd.DataFrame({"left": np.zeros(5 * MEGABYTE), "right": np.ones(5 * MEGABYTE)})
    row.to_parquet(place.folder / "p.parquet")
    return place.scoring(pairs=place.folder / "p.parquet")


@case("the limit is 200 times the size on disk")
def source_bomb(place: Place) -> Words:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("links.txt", LINKS_HEADER + b"A" * 96 * MEGABYTE)
    links = place.file("links.zip", packed.getvalue())
    return ["prepare", "string", "--min-score", 700, "--input", links, "--out", place.out]


@case("the limit is 200 times the size on disk")
def gold_standard_bomb(place: Place) -> Words:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("Intra0_pos_rr.txt", bytes(96 * MEGABYTE))
    blocks = place.file("blocks.zip", packed.getvalue())
    return ["prepare", "gold_standard", "--input", blocks, "--out", place.folder / "split"]


@case("is a device or a pipe")
def pairs_are_endless(place: Place) -> Words:
    return place.scoring(pairs=Path("/dev/zero"))


@case("is a device or a pipe")
def fasta_is_a_pipe(place: Place) -> Words:
    os.mkfifo(place.folder / "p.fasta")
    return place.embedding(fasta=place.folder / "p.fasta")


# Configurations


def config(content: str) -> Make:
    return lambda place: place.training(place.file("config.yaml", content))


LAUGHS = "a: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
listed("yaml_laughs", config(LAUGHS), "aliases .* are not read", CONFIG)
listed("yaml_merges", config(MERGES), "aliases .* are not read", CONFIG)
listed("yaml_cycle", config("a: &a [*a]\n"), "aliases .* are not read", CONFIG)
listed("yaml_nested", config("a: " + "[" * 100_000), "not YAML", CONFIG)
listed("yaml_long_number", config("seed: " + "9" * 100_000), "not YAML", CONFIG)
listed("yaml_too_large", config("# " + "x" * 2 * MEGABYTE), "larger than", CONFIG)


@case("could not determine a constructor for the tag", CONFIG)
def yaml_tag(place: Place) -> Words:
    tag = f"!!python/object/apply:os.system ['touch {place.trace}']"
    return place.training(place.file("config.yaml", f"seed: {tag}\n"))


@case("could not determine a constructor for the tag", CONFIG)
def yaml_tag_in_an_override(place: Place) -> Words:
    tag = f"!!python/object/apply:os.system ['touch {place.trace}']"
    return [*place.training(), "--set", f"seed={tag}"]


@case("no such configuration file")
def yaml_is_endless(place: Place) -> Words:
    return place.training(Path("/dev/zero"))


# A run to go on with


def run_with_state(place: Place, content: object) -> Path:
    recipe = recipe_of(read_experiment(place.good / "config.yaml"))
    job = Job(place.out, recipe.identity())
    with job.save_checkpoint(TRAINING) as partial:
        torch.save(content, partial)
    return job.checkpoint(TRAINING)


@case("not a state of training that can be read safely")
def state_pickle(place: Place) -> Words:
    run_with_state(place, {"state_dict": place.mischief})
    return place.training()


@case("not a state of training that can be read safely .*is compressed")
def state_compressed(place: Place) -> Words:
    recompressed(run_with_state(place, {"state_dict": torch.zeros(8 * MEGABYTE)}))
    return place.training()


@case("not a state of training that can be read safely .*it lacks")
def state_of_something_else(place: Place) -> Words:
    run_with_state(place, {"weights": torch.zeros(3)})
    return place.training()


@case("is a link, expected a folder of unfinished work")
def state_linked_from_elsewhere(place: Place) -> Words:
    (place.folder / "foreign").mkdir()
    place.out.with_name(place.out.name + UNFINISHED).symlink_to(place.folder / "foreign")
    return place.training()


@case("is a link, expected a folder of unfinished work")
def embedding_work_linked_from_elsewhere(place: Place) -> Words:
    foreign = place.file("foreign/notes.partial", "mine").parent
    words = place.embedding()
    place.out.with_name(f"{place.out.stem}.h5.unfinished").symlink_to(foreign)
    return words


@case("is a link, expected a folder of unfinished work")
def screen_work_linked_from_elsewhere(place: Place) -> Words:
    foreign = place.file("foreign/part-00000.npy", "mine").parent
    place.out.with_name(place.out.name + ".unfinished").symlink_to(foreign)
    model, vectors = place.good / "model", place.good / "vectors.h5"
    return ["screen", model, "--embeddings", vectors, "--out", place.out]


# Pieces


def recompressed(path: Path) -> Path:
    """A file of torch.save with its members compressed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def npy_header(kind: str, shape: tuple[int, ...]) -> bytes:
    header = io.BytesIO()
    claimed = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, claimed)
    return header.getvalue()
