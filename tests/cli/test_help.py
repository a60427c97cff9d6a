"""What ``--help`` of every verb says, in a terminal of 80 columns."""

import shlex
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from command_line import Run

import ppi_ratio as pr
from data_prep.sources import SOURCES
from ppi_ratio.cli import data, judge, model, scale, start

WIDTH = 80
PANELS = (
    "Start here",
    "Prepare data",
    "Train and use a model",
    "Evaluate and compare",
    "Large jobs",
)
VERBS = {
    command.name or getattr(command.callback, "__name__", ""): command.callback
    for group in (start, data, model, judge, scale)
    for command in group.verbs.registered_commands
}
WITH_HELP = [name for name in VERBS if name != "prepare"]  # whose help is that of its sources
# what is written, and a configuration, whose own paths are checked with it
NOT_CHECKED_WHEN_READ = {"out", "figure", "config"}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))


def test_help_shows_every_verb_in_its_group(run: Run) -> None:
    lines = run("--help").out.splitlines()
    places = [next(i for i, line in enumerate(lines) if f"─ {name} ─" in line) for name in PANELS]
    assert places == sorted(places)
    for verb in VERBS:
        assert any(line.startswith(f"│ {verb} ") for line in lines[places[0] :])
    assert any("--install-completion" in line for line in lines)


@pytest.mark.parametrize("verb", WITH_HELP)
def test_help_of_a_verb_has_an_example_on_one_line_and_says_what_is_written(
    verb: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line.strip() for line in run(verb, "--help").out.splitlines()]
    assert max(map(len, lines)) <= WIDTH
    assert any(line.startswith("Writes: ") for line in lines)
    place = next(number for number, line in enumerate(lines) if line.startswith("Example:"))
    if lines[place] == "Example:":
        place += 1
    assert lines[place + 1] == ""
    name, *words = shlex.split(lines[place].removeprefix("Example: "))
    assert (name, words[0]) == ("ppi-ratio", verb)
    if verb != "demo":  # the others want files that are not there, and nothing else is wrong
        monkeypatch.chdir(tmp_path)
        outcome = run(*words)
        assert outcome.code == 1, outcome.err
        assert any(f"no {what}" in outcome.err for what in ("such", "model there", "shards"))


@pytest.mark.parametrize("source", SOURCES)
def test_help_of_a_source_has_an_example_and_says_what_is_written(
    source: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(run("prepare", source, "--help").out.split())
    words, _, rest = text.partition("Example: ppi-ratio ")[2].partition(" Writes: ")
    assert rest
    monkeypatch.chdir(tmp_path)
    outcome = run(*shlex.split(words), "--input", "none.txt")
    assert outcome.code == 1, outcome.err
    assert "none.txt: no such file" in outcome.err


@pytest.mark.parametrize("verb", VERBS)
def test_every_path_that_a_verb_reads_is_checked_as_the_command_line_is_read(verb: str) -> None:
    verb_function = VERBS[verb]
    assert verb_function is not None
    for name, hint in get_type_hints(verb_function, include_extras=True).items():
        if "Path" in str(hint) and name not in NOT_CHECKED_WHEN_READ:
            assert get_args(hint)[1].callback is not None, name


def test_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"ppi-ratio {pr.__version__}\n", "")
