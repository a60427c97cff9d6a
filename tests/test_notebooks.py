"""Every notebook runs from top to bottom, and is committed with the outputs of such a run."""

import ast
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
MAX_BYTES = 400_000
MAX_SECONDS = 300  # it takes less than one minute on two free cores, but these may be busy
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
ABSOLUTE_PATH = re.compile(r"(?<![\w.<])/(?:home|root|tmp|usr|work|Users|private|opt)/|[A-Z]:\\")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def cells(path: Path) -> list[nbformat.NotebookNode]:
    """The code cells as committed."""
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.long
@pytest.mark.timeout(MAX_SECONDS)
def test_notebook_runs_without_an_error(path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(path, tmp_path))
    # with no folder to search, "python3" is this Python's own kernel, whatever is registered
    kernel = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )
    notebook = nbformat.read(copy, as_version=4)
    client = NotebookClient(
        notebook, km=kernel, timeout=MAX_SECONDS, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(cleanup_kc=True)
    assert list(tmp_path.iterdir()) == [copy], "a notebook cleans up after itself"


def test_committed_cells_were_run_once_each_from_top_to_bottom(
    cells: list[nbformat.NotebookNode],
) -> None:
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_committed_outputs_are_results_and_no_errors_or_warnings(
    cells: list[nbformat.NotebookNode],
) -> None:
    outputs = [output for cell in cells for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


def test_committed_outputs_name_no_folder_of_the_machine(
    cells: list[nbformat.NotebookNode],
) -> None:
    texts = [
        text
        for cell in cells
        for output in cell.outputs
        for kind, text in {"stream": output.get("text", ""), **output.get("data", {})}.items()
        if kind != "image/png"
    ]
    assert not [text for text in texts if ABSOLUTE_PATH.search(str(text))]


def test_notebook_is_a_story_without_definitions(cells: list[nbformat.NotebookNode]) -> None:
    for cell in cells:
        lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
        nodes = ast.walk(ast.parse("\n".join(lines)))
        assert not [node for node in nodes if isinstance(node, DEFINITIONS)], cell.source


def test_notebook_file_is_small(path: Path) -> None:
    assert path.stat().st_size < MAX_BYTES
