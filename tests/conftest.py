"""What the tests of the later stages share: a command line, and pairs of the small world.

Properties are tests that hypothesis gives examples to; each has the mark ``property``. By default
they see the same 25 examples or fewer in every run. Many more, drawn anew each time:

    pytest -m property --hypothesis-profile=thorough

or ``HYPOTHESIS_PROFILE=thorough``. With ``-n 0 --hypothesis-show-statistics`` their examples are
counted, with ``-n 0 --collect-only -q`` the properties themselves.
"""

import os
import sys
from collections.abc import Callable, Iterator

import pytest
import torch
from command_line import Outcome, Run
from hypothesis import HealthCheck, is_hypothesis_test, settings
from small_world import grouped_vectors, pairs_within_groups

from ppi_ratio.cli.app import main
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.pairs import Split, draw_non_pairs, split_by_protein
from ppi_ratio.pairs.table import labelled_table

# the tests themselves run beside one another, and so do the processes that they start
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"

settings.register_profile(
    "quick",
    max_examples=25,
    deadline=None,
    derandomize=True,  # the same examples wherever they run
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # of folders to write into
)
settings.register_profile(
    "thorough", settings.get_profile("quick"), max_examples=500, derandomize=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker("property")
            item.add_marker(pytest.mark.timeout(max(100, 4 * settings().max_examples)))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a command to ``ppi-ratio``."""

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ppi-ratio", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            main()
        captured = capsys.readouterr()
        return Outcome(int(caught.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def only_baselines() -> Iterator[Callable[..., None]]:
    """Keep the named baselines alone; the others come back after the test, in their order."""
    every = dict(BASELINES)

    def keep(*names: str) -> None:
        for name in every.keys() - set(names):
            del BASELINES[name]

    yield keep
    BASELINES.clear()
    BASELINES.update(every)


@pytest.fixture(scope="session")
def vectors() -> Embeddings:
    return grouped_vectors()


@pytest.fixture(scope="session", params=[False, True], ids=["undirected", "directed"])
def split(request: pytest.FixtureRequest) -> Split:
    pairs = pairs_within_groups(request.param)
    return split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)


@pytest.fixture(scope="session")
def undirected_split() -> Split:
    pairs = pairs_within_groups(False)
    return split_by_protein(pairs, test_fraction=0.2, validation_fraction=0.1, seed=0)


@pytest.fixture(scope="session")
def labelled_split(undirected_split: Split) -> Split:
    """The same pairs, each part with as many non-pairs of its own proteins."""
    tables = {}
    for part in ("train", "validation", "test"):
        joint = getattr(undirected_split, part)
        non_pairs = draw_non_pairs(
            joint, law="uniform", per_joint=1, known=undirected_split.joint, seed=0
        )
        tables[part] = labelled_table(joint, non_pairs)
    return Split.from_tables(**tables)
