"""The folder of a comparison -> one self-contained HTML page, which needs no network to be read."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from ppi_ratio.io.atomic import replacing
from ppi_ratio.report.page_charts import chart_data, scorers
from ppi_ratio.report.page_run import ComparisonRun, read_run
from ppi_ratio.report.page_summary import plain_summary
from ppi_ratio.report.page_tables import group_tables, optima
from ppi_ratio.report.page_words import (
    check_label,
    metric_label,
    metric_meaning,
    metrics,
    number,
    worst_first,
)

REPORT = "report.html"
SCRIPT_PARTS = ("base.js", "figures.js", "controls.js")


def write_report(run: Path, out: Path | None = None) -> Path:
    """Write the page of a run; the file appears only when complete.

    Args:
        run: the folder that ``ppi-ratio compare`` wrote.
        out: the page; ``report.html`` in that folder if not given.

    Returns:
        Where the page is.

    Raises:
        FileNotFoundError: if a file of the run is missing.
        ProvenanceError: if one is not what ``ppi-ratio compare`` writes.
        InputError: if ``out`` is a folder.
    """
    page = render(read_run(run))
    out = run / REPORT if out is None else out
    with replacing(out) as partial:
        partial.write_text(page, encoding="utf-8", newline="\n")
    return out


def render(run: ComparisonRun) -> str:
    """The page as text.

    Everything from the run is escaped: in HTML by the template, in JSON by ``tojson``, which leaves
    no ``<`` in it. The page's policy forbids requests and every script but its own two.
    """
    environment = _environment()
    own = "\n".join(_template_text(name) for name in SCRIPT_PARTS)
    scripts = [_script(get_plotlyjs()), _script(f'"use strict";\n(() => {{\n{own}}})();\n')]
    names = metrics(run.summary)
    return environment.get_template("page.html.j2").render(
        run=run.description,
        config=run.config,
        summary=plain_summary(run),
        checks=worst_first(run.description.audit) if run.description.audit else [],
        scorers={scorer["name"]: scorer for scorer in scorers(run)},
        tables=group_tables(run),
        optima=optima(run),
        glossary={
            metric_label(name): metric_meaning(name) for name in names if metric_meaning(name)
        },
        has_several_runs=len(run.results[["split", "seed"]].drop_duplicates()) > 1,
        chart_data=chart_data(run),
        style=Markup(_template_text("page.css")),
        scripts=[Markup(script) for script in scripts],
        policy=content_policy(scripts),
    )


def content_policy(scripts: list[str]) -> str:
    """A content security policy under which only these scripts run and nothing is fetched."""
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ppi_ratio.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    compact: dict[str, Any] = {"allow_nan": False, "separators": (",", ":")}
    environment.policies["json.dumps_kwargs"] = compact
    environment.filters |= {"number": number, "check_label": check_label}
    return environment


def _template_text(name: str) -> str:
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _script(text: str) -> str:
    """A script as the browser will hash it, safe between script tags."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script of the page would end its own tag")
    return text
