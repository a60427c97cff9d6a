"""Libraries that draw are imported only by modules that draw."""

import subprocess
import sys

import pytest

# torchmetrics, which Lightning brings, loads matplotlib by itself: what counts is who asks for it
SCRIPT = """
import builtins, sys
asked, plain_import = set(), builtins.__import__
def watched(name, globals=None, *rest, **more):
    if name.partition(".")[0] == "matplotlib":
        asked.add((globals or {{}}).get("__name__", ""))
    return plain_import(name, globals, *rest, **more)
builtins.__import__ = watched
{statements}
ours = [name for name in asked if name.startswith("ppi_ratio")]
drawing = [name for name in ("plotly", "jinja2", "ppi_ratio.report") if name in sys.modules]
print(sorted(ours + drawing))
"""


def drawing_modules(statements: str) -> str:
    command = [sys.executable, "-c", SCRIPT.format(statements=statements)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
def test_training_evaluating_and_loading_import_no_library_that_draws() -> None:
    statements = "import ppi_ratio as pr\npr.fit, pr.evaluate, pr.RatioModel.load"
    assert drawing_modules(statements) == "[]"


@pytest.mark.slow
def test_the_page_imports_plotly_but_not_matplotlib() -> None:
    drawn = drawing_modules("import ppi_ratio.report.page")
    assert drawn == "['jinja2', 'plotly', 'ppi_ratio.report']"


@pytest.mark.slow
def test_this_check_detects_an_import_of_the_figures() -> None:
    assert "'ppi_ratio.report.figures'" in drawing_modules("import ppi_ratio.report.figures")
