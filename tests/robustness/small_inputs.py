"""A small folder with every kind of input, and commands of every verb that work with it."""

import re
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.model.screening import ScreenOptions
from ppi_ratio.pairs import LABEL, PairTable, draw_non_pairs, labelled_table, write_split
from ppi_ratio.runs.screening import screen_file
from ppi_ratio.runtime.sharding import Shard
from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins, write_fasta

TESTS = Path(__file__).parent.parent
SOURCES = runpy.run_path(str(TESTS / "data_prep/source_samples.py"))
write_report_run = runpy.run_path(str(TESTS / "report/run_folder.py"))["write"]

N_PROTEINS, N_PAIRS, LENGTH = 90, 800, 40
ENCODER = "conjoint_triad"
SLOT = re.compile(r"\{(\w+)\}")

GIVEN = {"name": "given", "directed": False}
CRITIC = {"name": "bilinear", "rank": 4, "symmetric": True}
OBJECTIVE = {"name": "infonce_anchor", "beta": 1.0}
TRAINER = {"batch_size": 64, "max_epochs": 1}

INPUTS = {
    "fasta": "proteins.fasta",
    "vectors": "vectors.h5",
    "profiles": "profiles.h5",
    "table": "labelled.tsv",
    "known": "known.tsv",
    "train": "split/train.tsv",
    "validation": "split/validation.tsv",
    "test": "split/test.tsv",
    "candidates": "candidates.tsv",
    "model": "model",
    "config": "config.yaml",
    "comparison": "compare.yaml",
    "left": "left.txt",
    "right": "right.txt",
    "species": "species.tsv",
    "scores": "scores.tsv",
    "report_run": "report_run",
    "vector_shards": "shards/vectors.h5",
    "parquet_shards": "shards/hits.parquet",
    "text_shards": "shards/hits.tsv",
    "string": "sources/string.txt",
    "biogrid": "sources/biogrid.txt",
    "mitab": "sources/mitab.txt",
    "hippie": "sources/hippie.txt",
    "omnipath": "sources/omnipath.txt",
    "dscript": "sources/dscript.txt",
    "uniprot": "sources/uniprot.fasta",
    "bernett": "sources/bernett",
    "per_protein": "sources/per-protein.h5",
    "aliases": "sources/aliases.txt",
    "mapping": "sources/mapping.tsv",
    "sequences": "sources/yeast.fasta",
}


@dataclass(frozen=True)
class Command:
    """A command that works.

    Attributes:
        words: with the names of slots in braces; ``{out}`` is what is written.
        kinds: what kind of file each slot takes.
        out: name of what is written.
    """

    words: tuple[str, ...]
    kinds: Mapping[str, str]
    out: str

    def given(self, world: Path, out: Path, **changed: Path) -> list[str]:
        """The words with files of the world in every slot but those that are changed."""
        files = {slot: world / INPUTS[slot] for slot in self.kinds}
        return [word.format(**{**files, "out": out, **changed}) for word in self.words]


def _command(line: str, out: str, **kinds: str) -> Command:
    words = tuple(line.split())
    assert set(SLOT.findall(line)) - {"out"} == set(kinds)
    return Command(words, kinds, out)


_PREPARE = "prepare {source} --input {{{slot}}} --out {{out}} {options}"


def _prepare(source: str, options: str = "", out: str = "out.tsv", **kinds: str) -> Command:
    slot = next(iter(kinds))
    return _command(_PREPARE.format(source=source, slot=slot, options=options), out, **kinds)


COMMANDS = {
    "embed": _command(
        f"embed {{fasta}} --encoder {ENCODER} --out {{out}}", "out.h5", fasta="fasta"
    ),
    "concatenate": _command(
        "concatenate {vectors} {profiles} --out {out}",
        "out.h5",
        vectors="vectors, in brief", profiles="vectors",
    ),
    "audit": _command(
        "audit {table} --fasta {fasta} --train {train} --scores {scores} --out {out}",
        "out.json",
        table="pairs", fasta="fasta, in brief", train="pairs, in brief", scores="scores",
    ),
    "split": _command(
        "split {table} --undirected --by pair --seed 0 --fasta {fasta} --method words --out {out}",
        "out",
        table="pairs, in brief", fasta="fasta, in brief",
    ),
    "split by protein": _command(
        "split {known} --undirected --seed 0 --out {out}", "out", known="pairs"
    ),
    "split by cluster": _command(
        "split {table} --undirected --by cluster --seed 0 --fasta {fasta} --method words "
        "--out {out}",
        "out",
        table="pairs, in brief", fasta="fasta, in brief",
    ),
    "split by species": _command(
        "split {table} --undirected --by species --test-species 2 --seed 0 --species {species} "
        "--out {out}",
        "out",
        table="pairs, in brief", species="species",
    ),
    "non-pairs": _command(
        "non-pairs {table} --undirected --law uniform --seed 0 --known {known} --out {out}",
        "out.tsv",
        table="pairs, in brief", known="pairs, in brief",
    ),
    "train": _command(
        "train {config} --set embeddings={vectors} --set split.train={train} "
        "--set split.validation={validation} --set split.test={test} --out {out}",
        "out",
        config="config", vectors="vectors", train="pairs", validation="pairs, in brief",
        test="pairs, in brief",
    ),
    "score": _command(
        "score {model} {candidates} --embeddings {vectors} --out {out}",
        "out.tsv",
        model="model", candidates="candidates", vectors="model vectors",
    ),
    "score by sequence": _command(
        "score {model} {candidates} --fasta {fasta} --out {out}",
        "out.tsv",
        model="model, in brief", candidates="candidates, in brief", fasta="fasta, in brief",
    ),
    "screen": _command(
        "screen {model} --embeddings {vectors} --left {left} --right {right} --known {known} "
        "--top-k 5 --out {out}",
        "out.tsv",
        model="model, in brief", vectors="model vectors, in brief", left="ids",
        right="ids, in brief", known="pairs, in brief",
    ),
    "merge vectors": _command("merge {vector_shards}", "out.h5", vector_shards="vector shards"),
    "merge parquet": _command("merge {parquet_shards}", "out.h5", parquet_shards="table shards"),
    "merge text": _command("merge {text_shards}", "out.h5", text_shards="table shards"),
    "evaluate": _command(
        "evaluate {model} {test} --embeddings {vectors} --known {known} --out {out}",
        "out",
        model="model, in brief", test="pairs", vectors="model vectors, in brief",
        known="pairs, in brief",
    ),
    "evaluate with training pairs": _command(
        "evaluate {model} {test} --embeddings {vectors} --train {train}",
        "out",
        model="model, in brief", test="pairs, in brief", vectors="model vectors, in brief",
        train="training pairs, in brief",
    ),
    "mi": _command(
        "mi {model} {test} --embeddings {vectors} --train {train} --out {out}",
        "out.json",
        model="model, in brief", test="pairs, in brief", vectors="model vectors, in brief",
        train="pairs, in brief",
    ),
    "compare": _command(
        "compare {comparison} --set embeddings={vectors} --set split.train={train} "
        "--set split.validation={validation} --set split.test={test} --workers 1 --out {out}",
        "out",
        comparison="config", vectors="vectors, in brief", train="pairs, in brief",
        validation="pairs, in brief", test="pairs, in brief",
    ),
    "report": _command("report {report_run} --out {out}", "out.html", report_run="report run"),
    "prepare string": _prepare(
        "string", "--min-score 700 --uniprot --aliases {aliases}",
        string="source", aliases="aliases",
    ),
    "prepare biogrid": _prepare("biogrid", biogrid="source"),
    "prepare mitab": _prepare("mitab", mitab="source"),
    "prepare hippie": _prepare("hippie", "--min-score 0.5 --mapping {mapping}",
                               hippie="source", mapping="mapping"),
    "prepare omnipath": _prepare("omnipath", omnipath="source"),
    "prepare dscript": _prepare("dscript", "--fasta {sequences}",
                                dscript="source", sequences="fasta, in brief"),
    "prepare uniprot": _prepare("uniprot", out="out.fasta", uniprot="source"),
    "prepare gold_standard": _prepare("gold_standard", out="out", bernett="source folder"),
    "prepare per_protein": _prepare("per_protein", "--pairs {known}", "out.h5",
                                    per_protein="foreign vectors", known="candidates, in brief"),
}  # fmt: skip


def write_world(folder: Path) -> None:
    """Write every input of ``INPUTS``."""
    rng = np.random.default_rng(0)
    ids = [f"P{number:03d}" for number in range(N_PROTEINS)]
    letters = np.array(list(STANDARD_RESIDUES))
    proteins = Proteins({name: "".join(rng.choice(letters, LENGTH)) for name in ids})
    write_fasta(proteins, folder / INPUTS["fasta"])
    vectors = pr.embed(proteins, encoder=ENCODER, progress=False)
    vectors.write(folder / INPUTS["vectors"], dtype="float32")
    profiles = pr.embed(proteins, encoder="hydropathy_charge", progress=False)
    profiles.write(folder / INPUTS["profiles"], dtype="float32")
    table = _labelled_pairs(ids, rng)
    _write_pairs(table.frame, folder / INPUTS["table"])
    _write_pairs(table.joint.frame, folder / INPUTS["known"])
    _write_pairs(table.frame.loc[:59, ["left", "right"]], folder / INPUTS["candidates"])
    scores = table.frame.drop(columns=LABEL).assign(score=rng.normal(size=len(table)).round(4))
    _write_pairs(scores, folder / INPUTS["scores"])
    split = pr.split_by_pair(table, test_fraction=0.3, validation_fraction=0.1, seed=0)
    write_split(split, folder / "split")
    _write_yaml(folder)
    (folder / INPUTS["left"]).write_text("\n".join(ids[:10]) + "\n")
    (folder / INPUTS["right"]).write_text("\n".join(ids) + "\n")
    (folder / INPUTS["species"]).write_text("".join(f"{n}\t{i % 3}\n" for i, n in enumerate(ids)))
    critic = pr.Bilinear(rank=4, symmetric=True)
    model = fit_with(
        split, vectors, critic=critic, seed=0, max_epochs=1, batch_size=64, progress=False
    )
    model.save(folder / INPUTS["model"])
    write_report_run(folder / INPUTS["report_run"])
    _write_shards(model, vectors, folder)
    _write_sources(folder / "sources")


def _labelled_pairs(ids: list[str], rng: np.random.Generator) -> PairTable:
    both = [(a, b) for a in ids for b in ids if a < b]
    chosen = pd.DataFrame(rng.choice(both, N_PAIRS, replace=False), columns=["left", "right"])
    joint = PairTable.from_rows(chosen, directed=False, name="joint")
    drawn = draw_non_pairs(joint, law="uniform", per_joint=1, known=None, seed=0)
    return labelled_table(joint, drawn)


def _write_pairs(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, sep="\t", index=False, header=False)


def _write_yaml(folder: Path) -> None:
    """Configurations whose paths the commands give."""
    experiment = {
        "embeddings": "vectors.h5",
        "split": {**GIVEN, "train": "a", "validation": "b", "test": "c"},
        "noise": {"name": "degree_weighted"},
        "critic": CRITIC,
        "objective": OBJECTIVE,
        "trainer": TRAINER,
        "seed": 0,
    }
    comparison = {
        "title": "one objective",
        "embeddings": "vectors.h5",
        "split": experiment["split"],
        "objectives": [OBJECTIVE],
        "critics": [CRITIC],
        "trainer": TRAINER,
        "baselines": ["degree"],
    }
    (folder / INPUTS["config"]).write_text(yaml.safe_dump(experiment, sort_keys=False))
    (folder / INPUTS["comparison"]).write_text(yaml.safe_dump(comparison, sort_keys=False))


def _write_shards(model: pr.RatioModel, vectors: pr.Embeddings, folder: Path) -> None:
    (folder / "shards").mkdir()
    half = len(vectors) // 2
    for number, rows in enumerate((np.arange(half), np.arange(half, len(vectors)))):
        shard = Shard(number, 2)
        part = pr.Embeddings.from_arrays(
            [vectors.ids[row] for row in rows], vectors.matrix(rows), vectors.provenance
        )
        part.write(shard.path(folder / INPUTS["vector_shards"]), dtype="float32")
        for name in ("parquet_shards", "text_shards"):
            screen_file(
                model, vectors, folder / INPUTS[name], options=ScreenOptions(top_k=2),
                shard=shard, progress=False,
            )  # fmt: skip


def _write_sources(folder: Path) -> None:
    folder.mkdir()
    for name in ("string", "biogrid", "mitab", "hippie", "omnipath", "dscript", "uniprot"):
        (folder.parent / INPUTS[name]).write_text(SOURCES[name.upper()], encoding="utf-8")
    (folder / "aliases.txt").write_text(SOURCES["ALIASES"], encoding="utf-8")
    names = ("AL1A1_HUMAN", "ITA7_HUMAN", "ACHA_HUMAN", "NEB1_HUMAN", "ACTG_HUMAN")
    mapping = "".join(f"{name}\tP{number}\n" for number, name in enumerate(names))
    (folder / "mapping.tsv").write_text(mapping)
    yeast = ("YMR188C", "YOR182C", "YGL103W", "YPL013C")
    (folder / "yeast.fasta").write_text("".join(f">4932.{name}\nMKVLA\n" for name in yeast))
    SOURCES["bernett_folder"](folder)
    SOURCES["per_protein_file"](folder)
