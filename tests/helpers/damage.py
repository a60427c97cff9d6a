"""Files as a bad disk, a broken download or a stranger leaves them, and what may come of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from ppi_ratio.errors import ConfigError, InputError, ProvenanceError

REFUSALS = (InputError, ProvenanceError, ConfigError, OSError)
ODD_BYTES = (b"\0", b"\xff", b"\xef\xbb\xbf", b"\x1f\x8b", b"\r", b'"', b"\x80", b"nan", b"-1")
LONGEST_ANSWER = 3000


def share_of_examples(share: float) -> settings:
    """For properties whose examples cost more than others."""
    return settings(max_examples=max(4, round(share * settings().max_examples)))


@dataclass(frozen=True)
class Damage:
    """What happens to one file of a folder.

    Attributes:
        file: its number among the files, sorted; counted round.
        change: from its bytes to those that are found later; None if it is lost.
    """

    file: int
    change: Callable[[bytes], bytes] | None
    words: str

    def __repr__(self) -> str:
        return f"Damage(file={self.file}, {self.words})"

    def apply(self, folder: Path, whole: Mapping[Path, bytes]) -> None:
        """Write all files anew, one of them damaged; paths are relative to ``folder``."""
        hit = sorted(whole)[self.file % len(whole)]
        for path, content in whole.items():
            target = folder / path
            if path != hit:
                target.write_bytes(content)
            elif self.change is None:
                target.unlink(missing_ok=True)
            else:
                target.write_bytes(self.change(content))


def _flipped(place: int, bit: int) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        damaged = bytearray(content)
        if damaged:
            damaged[place % len(damaged)] ^= 1 << bit
        return bytes(damaged)

    return flip


def _cut(start: int, length: int) -> Callable[[bytes], bytes]:
    def cut(content: bytes) -> bytes:
        begin = start % (len(content) + 1)
        return content[:begin] + content[begin + length :]

    return cut


def _inserted(place: int, more: bytes) -> Callable[[bytes], bytes]:
    def insert(content: bytes) -> bytes:
        begin = place % (len(content) + 1)
        return content[:begin] + more + content[begin:]

    return insert


def _overwritten(place: int, more: bytes) -> Callable[[bytes], bytes]:
    def overwrite(content: bytes) -> bytes:
        begin = place % (len(content) + 1)
        return content[:begin] + more + content[begin + len(more) :]

    return overwrite


PLACES = st.integers(0, 2**20)
MORE = st.binary(min_size=1, max_size=12) | st.sampled_from(ODD_BYTES)
CHANGES: st.SearchStrategy[tuple[Callable[[bytes], bytes] | None, str]] = st.one_of(
    st.builds(lambda p, b: (_flipped(p, b), f"bit {b} at {p}"), PLACES, st.integers(0, 7)),
    st.builds(lambda p, n: (_cut(p, n), f"{n} bytes cut at {p}"), PLACES, st.integers(1, 80)),
    st.builds(lambda p: (lambda c: c[: p % (len(c) + 1)], f"ends at {p}"), PLACES),
    st.builds(lambda p, m: (_inserted(p, m), f"{m!r} inserted at {p}"), PLACES, MORE),
    st.builds(lambda p, m: (_overwritten(p, m), f"{m!r} over {p}"), PLACES, MORE),
    st.builds(lambda m: (lambda _: m, f"{m!r} instead"), st.binary(max_size=200)),
    st.just((None, "lost")),
)
DAMAGES = st.builds(lambda file, change: Damage(file, *change), st.integers(0, 9), CHANGES)


def files_below(folder: Path) -> dict[Path, bytes]:
    """Every file with its bytes, by its path from ``folder``."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def assert_read_or_refused(read: Callable[[], object], place: str) -> bool:
    """Whether it was read; if not, the refusal is one of ours and names ``place``."""
    try:
        read()
    except REFUSALS as error:
        answer = str(error)
        assert place in answer, answer
        assert len(answer) < LONGEST_ANSWER, answer
        return False
    return True
