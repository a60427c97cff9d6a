import base64
import hashlib
import html
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import run_folder
from command_line import Run
from run_folder import HOSTILE_IDS, SCORERS

from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.report.page import render, write_report
from ppi_ratio.report.page_run import TABLES, read_run
from ppi_ratio.report.styles import scorer_styles

FETCHING = ("src", "srcset", "href", "action", "poster", "background", "style")


class Seen(HTMLParser):
    """The tags of a page, the text of its scripts, and all other text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._in: str = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts[-1] += data
        elif self._in != "style":
            self.text += data

    @property
    def charted(self) -> dict[str, Any]:
        return json.loads(self.scripts[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder.write(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return render(read_run(folder))


@pytest.fixture(scope="module")
def seen(page: str) -> Seen:
    return Seen(page)


def test_page_is_written_to_the_run_folder_unless_a_path_is_given(
    folder: Path, tmp_path: Path
) -> None:
    assert write_report(folder) == folder / "report.html"
    elsewhere = write_report(folder, tmp_path / "deep" / "page.html")
    assert elsewhere.read_bytes() == (folder / "report.html").read_bytes()


def test_page_refers_to_no_other_file_or_address(seen: Seen) -> None:
    addresses = [
        (tag, name, value)
        for tag, attributes in seen.tags
        for name, value in attributes.items()
        if name in FETCHING and value
    ]
    fetched = [
        each
        for each in addresses
        if not re.match(r"#|data:,|--light", each[2]) or "url(" in each[2]
    ]
    assert fetched == []
    assert {tag for tag, _ in seen.tags} & {"img", "iframe", "object", "embed", "base"} == set()


def test_policy_allows_the_scripts_of_the_page_and_no_others(seen: Seen) -> None:
    policy = next(
        attributes["content"] or ""
        for tag, attributes in seen.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    admitted = re.findall(r"'sha256-([^']+)'", policy)
    own = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in seen.scripts[1:]]
    assert admitted == [digest.decode() for digest in own]
    assert policy.startswith("default-src 'none';")
    assert "script-src 'unsafe" not in policy


def test_text_that_looks_like_html_stays_text(page: str, seen: Seen) -> None:
    assert [tag for tag, _ in seen.tags].count("script") == 3
    assert not any(name.startswith("on") for _, attributes in seen.tags for name in attributes)
    assert "Yeast <em>pairs</em>" in seen.text
    assert "</pre><script>alert(2)</script>" in seen.text
    assert HOSTILE_IDS[0] in seen.text
    assert html.escape(HOSTILE_IDS[0]) in page
    assert HOSTILE_IDS[1] in seen.text
    assert set(HOSTILE_IDS) <= set(seen.charted["proteins"])
    assert "<" not in seen.scripts[0]


def test_scorers_have_the_styles_of_the_static_figures(seen: Seen) -> None:
    drawn = {scorer["name"]: scorer for scorer in seen.charted["scorers"]}
    assert list(drawn) == [
        "infonce_anchor", "infonce", "nce", "nce ensemble", "degree", "cosine",
    ]  # fmt: skip
    for name, style in scorer_styles(drawn).items():
        if name != "nce ensemble":
            assert drawn[name]["light"] == style.colour.lower()
    assert drawn["nce ensemble"]["light"] == drawn["nce"]["light"]
    assert drawn["nce ensemble"]["width"] > drawn["nce"]["width"]


def test_every_group_has_a_table_with_separate_baselines(seen: Seen) -> None:
    tables = [attributes for tag, attributes in seen.tags if attributes.get("class") == "group"]
    assert len(tables) == len(seen.charted["groups"]) == 6
    rows = [attributes.get("data-scorer") for tag, attributes in seen.tags if tag == "tr"]
    own = [name for name in rows if name]
    assert own[:4] == ["infonce_anchor", "infonce", "nce ensemble", "nce"]
    assert own[4:6] == ["cosine", "degree"]
    assert own.count("degree") == 6


def test_optimum_says_what_may_be_compared(seen: Seen) -> None:
    assert "log r + c(y)per right protein" in seen.text
    assert "pairs of one right protein" in seen.text


def test_warnings_of_the_audit_come_first(seen: Seen) -> None:
    assert seen.text.index("identity AUROC") < seen.text.index("self pairs")


def test_page_says_that_an_audit_is_missing(folder: Path, tmp_path: Path) -> None:
    run = read_run(run_folder.write(tmp_path / "run", sheet={"audit": None}))
    assert "This run has no audit of its data." in render(run)


def test_page_of_empty_tables_says_that_there_are_no_results(tmp_path: Path) -> None:
    empty = {name: pd.DataFrame() for name in TABLES}
    text = Seen(render(read_run(run_folder.write(tmp_path / "run", empty)))).text
    assert "This run has no results" in text


@pytest.mark.parametrize("name", ["comparison.json", "config.yaml", "curves.parquet"])
def test_missing_file_is_named_with_the_command_that_makes_it(
    folder: Path, tmp_path: Path, name: str
) -> None:
    run = run_folder.write(tmp_path / "run")
    (run / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name}: .*'ppi-ratio compare' writes"):
        write_report(run)


def without_column(run: Path) -> None:
    frame = pd.read_parquet(run / "summary.parquet")
    frame.drop(columns="mean").to_parquet(run / "summary.parquet")


def without_reference(run: Path) -> None:
    sheet = run_folder.description()
    del sheet["reference"]
    (run / "comparison.json").write_text(json.dumps(sheet))


def no_parquet(run: Path) -> None:
    (run / "results.parquet").write_text("critic,scorer\n")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_column, r"summary.parquet: lacks the columns mean;"),
        (without_reference, r"comparison.json: .*reference: Field required"),
        (no_parquet, r"results.parquet: not a Parquet file"),
    ],
)
def test_file_with_other_content_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    run = run_folder.write(tmp_path / "run")
    spoil(run)
    with pytest.raises(ProvenanceError, match=message):
        write_report(run)


def test_folder_as_the_name_of_the_page_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        write_report(folder, tmp_path)


def test_a_page_is_written_to_a_name_of_a_page_only(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("mine")
    with pytest.raises(ConfigError, match=r"pairs\.tsv: write the page to a name ending in \.html"):
        write_report(folder, tmp_path / "pairs.tsv")
    assert (tmp_path / "pairs.tsv").read_text() == "mine"


def test_command_writes_the_page_and_says_where(folder: Path, tmp_path: Path, run: Run) -> None:
    out = tmp_path / "page.html"
    outcome = run("report", folder, "--out", out)
    assert outcome.code == 0
    assert outcome.out.startswith(f"{out}: ")
    assert SCORERS[0].name in out.read_text(encoding="utf-8")
    assert run("report", tmp_path / "nothing").code == 1
