"""Every link of the documents leads somewhere, and every name in them exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from markdown import ROOT, anchors, blocks, code_spans, links, prose

import ppi_ratio
from data_prep.command import app as sources
from ppi_ratio.cli.app import app

README, INDEX = ROOT / "README.md", ROOT / "docs" / "index.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *PAGES, *(ROOT / "tests").rglob("*.md")])
GUIDES = [README, *PAGES]
LONGEST_README = 150  # lines
FOLDERS = "benchmarks|configs|data_prep|docs|notebooks|ppi_ratio|tests"
FILE_NAME = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/[\w./-]+\.(?:py|yaml|md|ipynb|json|tsv|png)\b")
PLACEHOLDERS = {"COMMAND", "SOURCE"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
each_guide = pytest.mark.parametrize("path", GUIDES, ids=name_of)


def commands() -> dict[tuple[str, ...], set[str]]:
    """The options of each verb, and of each source of ``prepare``."""
    top: Any = typer.main.get_command(app)
    below: Any = typer.main.get_command(sources)
    found = {(name,): options(verb) for name, verb in top.commands.items()}
    return found | {("prepare", name): options(verb) for name, verb in below.commands.items()}


def options(verb: Any) -> set[str]:  # noqa: ANN401 (a command of the click that typer brings)
    names = {name for each in verb.params for name in (*each.opts, *each.secondary_opts)}
    return {name for name in names if name.startswith("--")} | {"--help"}


COMMANDS = commands()
VERBS = {verb for verb, *_ in COMMANDS}


def command_lines(path: Path) -> Iterator[list[str]]:
    """The commands of a document, cut into words."""
    for block in blocks(path):
        for line in block.replace("\\\n", " ").splitlines():
            for command in re.split(r"&&|;", line):
                try:
                    yield shlex.split(command, comments=True)
                except ValueError:  # a quotation that is no shell's: output of a command
                    continue
    yield from (span.split() for span in code_spans(path))


def uses(path: Path) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every verb that a document names, with the words behind it."""
    for words in command_lines(path):
        program = next((n for n, word in enumerate(words) if word.endswith("ppi-ratio")), None)
        if program is not None:
            rest = words[program + 1 :]
        elif words and words[0] in VERBS and any(word.startswith("--") for word in words):
            rest = words
        else:
            continue
        if rest and rest[0] not in PLACEHOLDERS:
            has_source = rest[0] == "prepare" and len(rest) > 1 and rest[1] not in PLACEHOLDERS
            n_names = 2 if has_source else 1
            yield tuple(rest[:n_names]), rest[n_names:]


def options_among(words: list[str]) -> set[str]:
    return {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}


@each_document
def test_links_lead_to_a_file_and_a_heading(path: Path) -> None:
    for target in links(path):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{target}: there is no {file}"
        assert not anchor or anchor in anchors(file), f"{target}: {file} has no such heading"


@each_document
def test_files_named_in_a_document_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in links(path):  # from its own folder; the test above follows it
        text = text.replace(f"({target})", "")
    named = set(FILE_NAME.findall(text))
    assert not {name for name in named if not (ROOT / name).is_file()}


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [INDEX]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            targets = [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
            waiting += [target for target in targets if target in PAGES]
    assert reached == set(PAGES)
    assert "docs/index.md" in links(README)


@each_guide
def test_commands_and_their_options_exist(path: Path) -> None:
    for verb, words in uses(path):
        assert verb in COMMANDS, f"there is no ppi-ratio {' '.join(verb)}"
        unknown = options_among(words) - COMMANDS[verb]
        assert not unknown, f"ppi-ratio {' '.join(verb)} has no {sorted(unknown)}"


@each_guide
def test_options_named_alone_exist(path: Path) -> None:
    of_scripts = "\n".join(
        script.read_text(encoding="utf-8") for script in (ROOT / "benchmarks").glob("*.py")
    )
    known = set().union(*COMMANDS.values())
    for span in code_spans(path):
        if span.startswith("--"):
            for option in options_among(span.split()) - known:
                name = option.removeprefix("--").replace("-", "_")
                assert re.search(rf"^    {name}: Annotated", of_scripts, re.MULTILINE), option


@each_guide
def test_scripts_have_the_options_that_are_given_to_them(path: Path) -> None:
    for words in command_lines(path):
        if len(words) > 1 and words[0] == "python" and words[1].startswith("benchmarks/"):
            script = (ROOT / words[1]).read_text(encoding="utf-8")
            for option in options_among(words):
                name = option.removeprefix("--").replace("-", "_")
                assert re.search(rf"\b{name}: ", script), f"{words[1]} has no {option}"


@each_guide
def test_public_names_exist(path: Path) -> None:
    code = "\n".join([*blocks(path, "python"), *code_spans(path)])
    used = set(re.findall(r"\bpr\.([A-Za-z_]\w*)", code))
    assert used <= set(vars(ppi_ratio)["__all__"])


def test_these_checks_see_what_they_check() -> None:
    """So that a change of notation does not leave them with nothing to look at."""
    assert {verb for path in GUIDES for verb, _ in uses(path)} >= {
        ("embed",), ("train",), ("screen",), ("prepare", "string"), ("merge",), ("compare",),
    }  # fmt: skip
    assert len([link for path in DOCUMENTS for link in links(path)]) > 60
    assert "reference" in prose(INDEX).lower()


def test_every_room_of_the_package_is_described_in_contributing() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (ROOT / "ppi_ratio").glob("*/__init__.py")]
    assert not [room for room in rooms if f"`{room}/`" not in text and f"\n    {room}/" not in text]
