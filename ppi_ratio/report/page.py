"""The folder of a comparison -> one HTML page that needs no network and no other file."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from plotly.offline import get_plotlyjs

from ppi_ratio.errors import ConfigError
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
    warnings_first,
)

REPORT = "report.html"
SCRIPT_PARTS = ("base.js", "figures.js", "controls.js")


def write_report(run: Path, out: Path | None = None) -> Path:
    """Write the HTML page of a comparison, atomically.

    Args:
        run: the folder that ``ppi-ratio compare`` wrote.
        out: path of the page; ``report.html`` in the folder ``run`` by default.

    Returns:
        Path of the page.

    Raises:
        FileNotFoundError: if a file of the comparison is missing.
        ProvenanceError: if the content of a file is not what ``ppi-ratio compare`` writes.
        InputError: if ``out`` is a folder.
        ConfigError: if ``out`` does not end in ``.html``.
    """
    if out is not None and not out.is_dir() and out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"{out}: write the page to a name ending in .html")
    page = render(read_run(run))
    out = run / REPORT if out is None else out
    with replacing(out) as partial:
        partial.write_text(page, encoding="utf-8", newline="\n")
    return out


def render(run: ComparisonRun) -> str:
    """Render the page as text.

    All text from the run is escaped: HTML by the template, and JSON by ``tojson``, which escapes
    every ``<``. The content security policy of the page allows its own two scripts and no requests.
    """
    environment = _environment()
    own = "\n".join(_template_text(name) for name in SCRIPT_PARTS)
    scripts = [_script(get_plotlyjs()), _script(f'"use strict";\n(() => {{\n{own}}})();\n')]
    names = metrics(run.summary)
    return environment.get_template("page.html.j2").render(
        run=run.description,
        config=run.config,
        summary=plain_summary(run),
        checks=warnings_first(run.description.audit) if run.description.audit else [],
        scorers={scorer["name"]: scorer for scorer in scorers(run)},
        tables=group_tables(run),
        optima=optima(run),
        glossary={
            metric_label(name): metric_meaning(name) for name in names if metric_meaning(name)
        },
        has_several_runs=len(run.results[["split", "seed"]].drop_duplicates()) > 1,
        chart_data=chart_data(run),
        style=_template_text("page.css"),
        scripts=scripts,
        policy=content_policy(scripts),
    )


def content_policy(scripts: list[str]) -> str:
    """The content security policy that allows these scripts only, and no requests."""
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
    """Normalise line ends, as browsers do before they hash; refuse text that would end the tag."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script of the page contains </script or <!--, which would end its tag")
    return text
