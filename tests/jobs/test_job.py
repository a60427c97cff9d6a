"""Every long command keeps its unfinished work in one way; see ``Job``."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ppi_ratio.errors import InputError, InUseError, ProvenanceError
from ppi_ratio.jobs import Job
from ppi_ratio.jobs.job import first_difference

IDENTITY = {"seed": 0, "trainer": {"learning_rate": 1e-3, "max_epochs": 3}}
STEPS = [f"step-{number}" for number in range(4)]


def work(target: Path, *, until: int = 4, identity: dict[str, object] | None = None) -> int:
    """Do what is missing, up to a step; publish a folder when all is there. Steps done."""
    job = Job(target, identity or IDENTITY)
    if job.is_finished():
        return 0
    done = 0
    with job.open():
        for step in STEPS[:until]:
            if step not in job:
                with job.add(step) as partial:
                    partial.write_text(step)
                done += 1
        if until == len(STEPS):
            with job.publishing() as result:
                result.mkdir()
                text = "".join(job.read(step).read_text() for step in STEPS)
                (result / "all.txt").write_text(text)
    return done


def test_finished_steps_are_not_done_again(tmp_path: Path) -> None:
    assert work(tmp_path / "out", until=3) == 3
    assert work(tmp_path / "out") == 1
    assert (tmp_path / "out" / "all.txt").read_text() == "".join(STEPS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert Job(tmp_path / "out", IDENTITY).is_finished()


def test_a_target_that_is_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "hits.tsv"
    target.write_text("before")
    job = Job(target, IDENTITY)
    with job.open(), job.publishing() as result:
        assert result.suffix == ".tsv"
        result.write_text("after")
        assert target.read_text() == "before"
    assert target.read_text() == "after"
    assert [path.name for path in tmp_path.iterdir()] == ["hits.tsv"]


def test_a_stop_while_steps_are_removed_leaves_all_of_them_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop comes when one of four files is gone, as a kill can."""
    job = Job(tmp_path / "hits.tsv", IDENTITY)

    def remove_one_and_stop(folder: Path) -> None:
        next(path for path in Path(folder).iterdir()).unlink()
        raise KeyboardInterrupt

    with job.open():
        for step in STEPS:
            with job.add(step) as partial:
                partial.write_text(step)
        with monkeypatch.context() as patch:
            patch.setattr("shutil.rmtree", remove_one_and_stop)
            with pytest.raises(KeyboardInterrupt), job.publishing() as result:
                result.write_text("all")
    assert (tmp_path / "hits.tsv").read_text() == "all"
    again = Job(tmp_path / "hits.tsv", IDENTITY)
    with again.open():
        assert len([step for step in STEPS if step in again]) in (0, len(STEPS))
        again.forget()
    assert [path.name for path in tmp_path.iterdir()] == ["hits.tsv"]


def test_another_jobs_unfinished_work_is_refused_by_the_key_that_differs(tmp_path: Path) -> None:
    work(tmp_path / "out", until=2)
    other = {"seed": 0, "trainer": {"learning_rate": 1e-2, "max_epochs": 3}}
    with pytest.raises(
        ProvenanceError, match=r"trainer\.learning_rate was 0\.001, now 0\.01.*delete"
    ):
        work(tmp_path / "out", identity=other)
    assert work(tmp_path / "out") == 2


def test_another_jobs_result_is_refused_by_the_key_that_differs(tmp_path: Path) -> None:
    work(tmp_path / "out")
    with pytest.raises(ProvenanceError, match="seed was 0, now 1"):
        _ = Job(tmp_path / "out", IDENTITY | {"seed": 1}).is_finished()


def test_a_folder_that_no_job_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert not Job(tmp_path / "out", IDENTITY).is_finished()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="no job of this release made it"):
        _ = Job(tmp_path / "out", IDENTITY).is_finished()


@pytest.mark.parametrize("content", ['{"provenance": {}, "dtype": "float16"}', "no JSON", "[]"])
def test_unfinished_work_of_an_earlier_release_is_refused(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "out.unfinished"
    folder.mkdir()
    (folder / "job.json").write_text(content)
    with pytest.raises(ProvenanceError, match="cannot resume; finish it"):
        work(tmp_path / "out")
    assert (folder / "job.json").read_text() == content


def test_a_folder_without_an_identity_is_refused_unless_it_is_empty(tmp_path: Path) -> None:
    folder = tmp_path / "out.unfinished"
    folder.mkdir()
    assert work(tmp_path / "out", until=1) == 1
    (folder / "job.json").unlink()
    with pytest.raises(ProvenanceError, match="cannot resume"):
        work(tmp_path / "out")


def test_a_link_is_no_folder_of_unfinished_work(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out.unfinished").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link"):
        work(tmp_path / "out")


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from ppi_ratio.jobs import Job\n"
        "with Job(Path(sys.argv[1]), {}).open(): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(tmp_path / "out")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InUseError, match=f"process {other.pid}"):
            work(tmp_path / "out")
        other.kill()
    assert work(tmp_path / "out") == 4


@pytest.mark.parametrize("moment", ["rename", "remove", "mkdir"])
def test_a_kill_at_any_change_on_disk_leaves_work_that_can_be_resumed(
    tmp_path: Path, moment: str
) -> None:
    """The process kills itself at its first change of this kind, then at its second, and so on."""
    script = (
        "import os, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[3])\n"
        "import test_job\n"
        "left = int(sys.argv[2])\n"
        "def hook(event, arguments):\n"
        "    global left\n"
        f"    if event == 'os.{moment}':\n"
        "        left -= 1\n"
        "        if left == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(hook)\n"
        "test_job.work(Path(sys.argv[1]))\n"
    )
    target, killed, whole = tmp_path / "out", 0, False
    for number in range(1, 40):
        command = [
            sys.executable,
            "-c",
            script,
            str(target),
            str(number),
            str(Path(__file__).parent),
        ]
        code = subprocess.run(command, env=os.environ).returncode
        killed += code == -signal.SIGKILL
        if code == 0:
            whole = True
            break
    assert killed
    assert whole or Job(target, IDENTITY).is_finished() or work(target)
    assert (target / "all.txt").read_text() == "".join(STEPS)
    assert Job(target, IDENTITY).is_finished()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_who_does_not_lead_writes_nothing(tmp_path: Path) -> None:
    job = Job(tmp_path / "out", IDENTITY, leads=False)
    with job.open():
        assert not job.is_finished()
    assert not list(tmp_path.iterdir())
    work(tmp_path / "out")
    assert job.is_finished()


def test_a_checkpoint_is_replaced_and_goes_with_the_job(tmp_path: Path) -> None:
    job = Job(tmp_path / "out.txt", IDENTITY)
    with job.open():
        for text in ("one", "two"):
            with job.save_checkpoint("state") as partial:
                partial.write_text(text)
        assert job.checkpoint("state").read_text() == "two"
        with job.publishing() as result:
            result.write_text("done")
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_the_first_difference_is_named_by_its_path() -> None:
    assert first_difference(IDENTITY, IDENTITY) == ""
    assert first_difference({"a": {"b": 1}}, {"a": {"b": 2}}) == "a.b was 1, now 2"
    assert first_difference({"a": 1}, {}) == "a was 1, now null"
    assert len(first_difference({"a": "x" * 1000}, {"a": ""})) < 100
