"""Every verb on every bad input that it can be given, and on the irregular ones it must take.

``pytest -n 0 --collect-only -q tests/robustness/test_bad_inputs.py`` counts the cases.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bad_files import BAD, DATA_ERROR, PAIR_ROWS, ROWS_OF_ONE_ID, Bad
from command_line import Outcome, Run
from irregular_files import IRREGULAR, Irregular
from permissions import as_anybody
from small_inputs import COMMANDS, ENCODER, INPUTS, Command

import ppi_ratio as pr
from ppi_ratio.sequences import STANDARD_RESIDUES

pytestmark = pytest.mark.timeout(20)

LONGEST_MESSAGE = 2000

Tree = Callable[[Path], dict[str, str]]

TARGETS = (
    *("embed", "audit", "split", "non-pairs", "train", "score", "screen", "evaluate", "mi"),
    *("compare", "report", "prepare dscript", "prepare gold_standard", "prepare per_protein"),
)
TOLERANT = {
    "embed": ("fasta",),
    "split by protein": ("known",),
    "split by species": ("species",),
    "non-pairs": ("table",),
    "train": ("train", "config"),
    "score": ("candidates",),
    "screen": ("left", "known"),
    "mi": ("test",),
    "prepare string": ("string",),
    "prepare mitab": ("mitab",),
    "prepare hippie": ("hippie",),
    "prepare dscript": ("dscript",),
}
ABROAD = (
    *("embed", "audit", "split by cluster", "non-pairs", "train", "score", "score by sequence"),
    *("screen", "merge text", "merge vectors", "mi", "report", "prepare string"),
    "prepare gold_standard",
)

CASES = {
    f"{name}: {slot}: {fault}": (command, slot, bad)
    for name, command in COMMANDS.items()
    for slot, kind in command.kinds.items()
    for fault, bad in BAD[kind].items()
}


def check_refusal(outcome: Outcome, code: int, said: str) -> None:
    """One message that names the place, short and fit for a terminal."""
    assert outcome.code == code, outcome
    messages = [line for line in outcome.err.splitlines() if line.startswith("ppi-ratio: ")]
    assert len(messages) == 1, outcome.err
    message = outcome.err[outcome.err.index(messages[0]) :]
    assert said in message
    assert "Traceback" not in outcome.err
    assert len(message) < LONGEST_MESSAGE
    assert all(character.isprintable() or character in "\n\t" for character in outcome.err)


@pytest.mark.parametrize(("command", "slot", "bad"), CASES.values(), ids=CASES.keys())
def test_a_bad_input_ends_with_one_message_and_changes_nothing(
    command: Command, slot: str, bad: Bad, tell: Run, world: Path, here: Path, tree: Tree
) -> None:
    good = world / INPUTS[slot]
    given = here / f"given{good.suffix}"
    bad.make(good, given)
    before = tree(world), tree(here)
    outcome = tell(*command.given(world, here / command.out, **{slot: given}))
    check_refusal(outcome, bad.code, bad.said or given.name)
    assert outcome.out == ""
    assert (tree(world), tree(here)) == before


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("fault", ["taken", "below a file", "read-only"])
def test_an_output_that_cannot_be_written_is_refused_by_name(
    name: str, fault: str, tell: Run, world: Path, here: Path, tree: Tree
) -> None:
    command = COMMANDS[name]
    out = here / "place" / command.out
    if fault == "below a file":
        out.parent.write_text("a file")
    else:
        out.parent.mkdir()
    if fault == "taken" and out.suffix:
        out.mkdir()
    elif fault == "taken":
        out.write_text("a file")
    if fault == "read-only":
        out.parent.chmod(0o555)
    before = tree(world), tree(here)
    with as_anybody():
        outcome = tell(*command.given(world, out))
    check_refusal(outcome, outcome.code or DATA_ERROR, "place")
    assert (tree(world), tree(here)) == before


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        *(("embed", "fasta"), ("audit", "table"), ("audit", "scores"), ("split", "table")),
        *(("split by species", "species"), ("non-pairs", "known"), ("train", "config")),
        *(("train", "vectors"), ("score", "candidates"), ("score", "vectors"), ("score", "model")),
        *(("screen", "left"), ("evaluate", "test"), ("mi", "test"), ("compare", "comparison")),
        *(("report", "report_run"), ("prepare string", "string"), ("prepare dscript", "dscript")),
        ("prepare per_protein", "per_protein"),
    ],
)
def test_an_input_without_permission_is_refused_by_name(
    name: str, slot: str, tell: Run, world: Path, here: Path, tree: Tree
) -> None:
    good, command = world / INPUTS[slot], COMMANDS[name]
    given = here / f"given{good.suffix}"
    (shutil.copytree if good.is_dir() else shutil.copyfile)(good, given)
    before = tree(world), tree(here)
    given.chmod(0)
    with as_anybody():
        outcome = tell(*command.given(world, here / command.out, **{slot: given}))
    given.chmod(0o755)
    check_refusal(outcome, DATA_ERROR, given.name)
    assert outcome.out == ""
    assert (tree(world), tree(here)) == before


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        *(("non-pairs", "table"), ("non-pairs", "known"), ("score", "candidates")),
        *(("screen", "known"), ("mi", "test"), ("prepare dscript", "dscript")),
        *(("embed", "fasta"), ("split", "table"), ("train", "config"), ("compare", "comparison")),
    ],
)
def test_an_input_is_not_overwritten(
    name: str, slot: str, tell: Run, world: Path, here: Path, tree: Tree
) -> None:
    given = here / "given.tsv"
    shutil.copyfile(world / INPUTS[slot], given)
    before = tree(world), tree(here)
    outcome = tell(*COMMANDS[name].given(world, given, **{slot: given}))
    check_refusal(outcome, outcome.code or DATA_ERROR, given.name)
    assert (tree(world), tree(here)) == before


WRITTEN_OTHERWISE = {
    f"{name}: {slot}: {manner}": (command, slot, irregular)
    for name, command in COMMANDS.items()
    for slot in command.kinds
    if name in TOLERANT and slot in TOLERANT[name]
    for manner, irregular in IRREGULAR[slot].items()
}


@pytest.mark.parametrize(
    ("command", "slot", "irregular"), WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE.keys()
)
def test_an_irregular_input_gives_what_the_regular_one_gives(
    command: Command,
    slot: str,
    irregular: Irregular,
    tell: Run,
    world: Path,
    here: Path,
    regular: dict[tuple[str, str], dict[str, bytes]],
) -> None:
    """Both are called the same in their own folders, as names are written, too."""
    good, given = (world / INPUTS[slot]).read_bytes(), Path(f"given{Path(INPUTS[slot]).suffix}")
    words = command.given(world, Path(command.out), **{slot: given})
    key = (" ".join(command.words), slot)
    if key not in regular:
        given.write_bytes(good)
        outcome = tell(*words)
        assert outcome.code == 0, outcome.err
        regular[key] = contents(here)
        _clear(here)
    content = irregular.change(good)
    given.write_bytes(content)
    outcome = tell(*words)
    assert outcome.code == 0, outcome.err
    assert irregular.said in outcome.out + outcome.err
    assert given.read_bytes() == content
    before, after = regular[key], contents(here)
    if irregular.adds_rows:
        first, more = (files[command.out].splitlines() for files in (before, after))
        assert len(more) == len(first) + 1
        for row, again in zip(first, more, strict=False):
            _check_same_row(row.decode().split("\t"), again.decode().split("\t"))
    else:
        assert after.keys() == before.keys()
        assert [name for name in before if before[name] != after[name]] == []


def _check_same_row(row: list[str], again: list[str]) -> None:
    """Scores of more pairs come from other matrix products, which may round the last digit."""
    for value, other in zip(row, again, strict=True):
        try:
            expected = float(value)
        except ValueError:
            assert value == other
        else:
            assert float(other) == pytest.approx(expected, rel=1e-4, abs=1e-5, nan_ok=True)


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(scope="session")
def regular() -> dict[tuple[str, str], dict[str, bytes]]:
    """What commands wrote when all was well, by their words and the slot that was looked at."""
    return {}


def contents(folder: Path) -> dict[str, bytes]:
    """What was written, but for the sheets that give the digest of the input."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".provenance.json") and path.stem != "given"
    }


@pytest.mark.parametrize("name", ABROAD)
def test_folders_may_be_called_anything(name: str, tell: Run, world: Path, here: Path) -> None:
    abroad = here / "Größe 10 % 'of' \"all\" {x} 蛋白"
    shutil.copytree(world, abroad)
    command = COMMANDS[name]
    outcome = tell(*command.given(abroad, here / "ö b" / command.out))
    assert outcome.code == 0, outcome.err
    where = abroad / "shards" if name.startswith("merge") else here / "ö b"
    assert any(where.iterdir())


IDS = (
    "<script>alert(1)</script>",
    'a"b',
    "it's",
    "a/b/../c",
    "sp|P12345|N",
    "é",
    "a;b",
    "a,b",
    "NA",
)


def test_ids_may_hold_quotes_slashes_and_html(tell: Run, world: Path, here: Path) -> None:
    renamed = dict(zip((f"P{number:03d}" for number in range(len(IDS))), IDS, strict=True))
    files = {}
    for slot in ("fasta", "candidates", "known", "left"):
        text = (world / INPUTS[slot]).read_text()
        for old, new in renamed.items():
            text = text.replace(old, new)
        files[slot] = here / f"{slot}{(world / INPUTS[slot]).suffix}"
        files[slot].write_text(text, encoding="utf-8")
    (here / "pairs.tsv").write_text("".join(f"{a}\t{b}\n" for a in IDS for b in IDS if a != b))
    vectors = here / "vectors.h5"
    assert tell("embed", files["fasta"], "--encoder", ENCODER, "--out", vectors).code == 0
    assert set(pr.Embeddings.read(vectors).ids) >= set(IDS)
    command = ("score", world / "model", here / "pairs.tsv", "--embeddings", vectors, "--out")
    for out in (here / "out.tsv", here / "out.csv"):
        outcome = tell(*command, out)
        assert outcome.code == 0, outcome.err
        scores = pd.read_csv(out, sep="\t" if out.suffix == ".tsv" else ",", keep_default_na=False)
        assert set(scores["note"]) == {""}
        pairs = list(zip(scores["left"], scores["right"], strict=True))
        assert pairs == [(a, b) for a in IDS for b in IDS if a != b]
    screened = COMMANDS["screen"].given(
        world, here / "hits.tsv", vectors=vectors, left=files["left"], right=files["left"],
        known=files["known"],
    )  # fmt: skip
    assert tell(*screened).code == 0
    drawn = COMMANDS["non-pairs"].given(
        world, here / "drawn.tsv", table=files["known"], known=files["known"]
    )
    assert tell(*drawn).code == 0
    assert set(pr.read_pairs(here / "drawn.tsv", directed=False).ids) >= set(IDS)


def test_proteins_may_be_as_short_as_one_residue_or_unknown_throughout(
    tell: Run, world: Path, here: Path
) -> None:
    fasta = here / "odd.fasta"
    fasta.write_text(">one\nM\n>unknown\nXXXXXXXX\n>selenium\nU\n")
    for encoder in (ENCODER, "esm2_bundled"):
        out = here / f"{encoder}.h5"
        outcome = tell("embed", fasta, "--encoder", encoder, "--out", out)
        assert outcome.code == 0, outcome.err
        vectors = pr.Embeddings.read(out)
        assert vectors.ids == ("one", "unknown", "selenium")
        assert np.isfinite(vectors.matrix()).all()
    pairs = here / "pairs.tsv"
    pairs.write_text("one\tunknown\n")
    scored = tell("score", world / "model", pairs, "--fasta", fasta, "--out", here / "scores.tsv")
    assert scored.code == 0, scored.err
    assert np.isfinite(pd.read_csv(here / "scores.tsv", sep="\t")["log_ratio"]).all()


def test_a_protein_may_have_forty_thousand_residues(tell: Run, here: Path) -> None:
    rng = np.random.default_rng(0)
    fasta = here / "titin.fasta"
    fasta.write_text(">titin\n" + "".join(rng.choice(list(STANDARD_RESIDUES), 40_000)) + "\n")
    outcome = tell("embed", fasta, "--encoder", ENCODER, "--out", here / "out.h5")
    assert outcome.code == 0, outcome.err
    assert np.isfinite(pr.Embeddings.read(here / "out.h5").matrix()).all()


def test_one_bad_row_in_a_million_is_named(tell: Run, here: Path, tree: Tree) -> None:
    rows = [f"P{number % 1009}\tQ{number}\t1\n" for number in range(1_000_000)]
    rows[654_320] = "P7\tQ654320\tno\n"
    pairs = here / "pairs.tsv"
    pairs.write_text("".join(rows))
    before = tree(here)
    outcome = tell("split", pairs, "--undirected", "--by", "pair", "--seed", 0, "--out", "out")
    check_refusal(outcome, DATA_ERROR, "line 654321 has 'no'")
    assert tree(here) == before


def test_pairs_of_which_no_id_has_a_vector_are_refused_where_nothing_could_be_said(
    tell: Run, world: Path, here: Path, tree: Tree
) -> None:
    strangers = here / "strangers.tsv"
    strangers.write_text("".join(f"X{i}\tY{i}\t{i % 2}\n" for i in range(40)))
    before = tree(here)
    for name, slot in (("evaluate", "test"), ("mi", "test")):
        outcome = tell(*COMMANDS[name].given(world, here / "out.tsv", **{slot: strangers}))
        check_refusal(outcome, DATA_ERROR, "strangers.tsv")
        assert tree(here) == before


def test_every_pair_gets_a_row_even_if_no_id_has_a_vector(
    tell: Run, world: Path, here: Path
) -> None:
    strangers = here / "strangers.tsv"
    strangers.write_text("X1\tY1\nX2\tY2\n")
    outcome = tell(*COMMANDS["score"].given(world, here / "out.tsv", candidates=strangers))
    assert outcome.code == DATA_ERROR
    assert "none of 2 pairs has a score, e.g. no vector for X1 and Y1" in outcome.err
    assert len(pd.read_csv(here / "out.tsv", sep="\t")) == 2


@pytest.mark.parametrize("manner", ROWS_OF_ONE_ID)
def test_every_row_comes_back_even_if_none_is_a_pair(
    manner: str, tell: Run, world: Path, here: Path
) -> None:
    given = here / "given.tsv"
    PAIR_ROWS[manner].make(world / INPUTS["candidates"], given)
    outcome = tell(*COMMANDS["score"].given(world, here / "out.tsv", candidates=given))
    assert outcome.code == DATA_ERROR
    assert "pairs has a score, e.g. fewer than two ids" in outcome.err
    rows = pd.read_csv(here / "out.tsv", sep="\t")
    assert len(rows) == len(given.read_text().splitlines())


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_constant_vectors_are_scored(value: float, tell: Run, world: Path, here: Path) -> None:
    known = pr.Embeddings.read(world / "vectors.h5")
    matrix = np.full((len(known), known.dim), value)
    pr.Embeddings.from_arrays(known.ids, matrix, known.provenance).write(here / "constant.h5")
    command = COMMANDS["score"].given(world, here / "out.tsv", vectors=here / "constant.h5")
    outcome = tell(*command)
    assert outcome.code == 0, outcome.err
    assert np.isfinite(pd.read_csv(here / "out.tsv", sep="\t")["log_ratio"]).all()
