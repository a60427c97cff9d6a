"""Packed files -> how much they may unpack to: a few kilobytes must not fill the memory."""

import io
import zipfile
from collections.abc import Callable
from gzip import GzipFile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ppi_ratio.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_GROWTH = 200  # gzip makes sequences 2 to 4 times smaller, tables of pairs up to 30 times
ALWAYS_ALLOWED = 2**26  # bytes; what every machine can hold may be as regular as it likes
VALUE_BYTES = 8  # of a value in memory
ZIP_MAGIC = b"PK\x03\x04"


def check_growth(path: Path, unpacked: int, packed: int) -> None:
    """Refuse what becomes too large for the bytes it takes on the disk.

    Raises:
        InputError: if ``unpacked`` bytes are more than 64 MB and more than 200 times ``packed``.
    """
    if unpacked > max(ALWAYS_ALLOWED, MAX_GROWTH * packed):
        raise InputError(
            f"{path}: {packed:,} bytes that claim to be {unpacked:,} or more, over {MAX_GROWTH} "
            "times as many, as no honest file does; if you trust it, unpack it first"
        )


def bounded(
    stream: IO[bytes] | GzipFile, packed: Callable[[], int], path: Path
) -> io.BufferedReader:
    """The same stream, which ends with an ``InputError`` where it unpacks to too much.

    Args:
        stream: what unpacks.
        packed: bytes of the file that were read so far.
        path: of the file, for the message.
    """
    return io.BufferedReader(_Bounded(stream, packed, path))


def check_stored(path: Path) -> None:
    """Refuse a file that ``torch.save`` did not write: its zip files are never compressed.

    Raises:
        InputError: if a member is compressed, or all of them are more than the file, or it is no
            whole zip file though it begins like one.
    """
    with path.open("rb") as file:
        if file.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
            return
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise InputError(f"{path}: damaged ({error}); fetch it or make it again") from error
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    if packed or sum(member.file_size for member in members) > path.stat().st_size:
        raise InputError(
            f"{path}: is compressed, which torch.save does not do; fetch it or make it again"
        )


def check_parquet(path: Path) -> None:
    """Refuse a Parquet file that repeats a few values beyond all bounds.

    Raises:
        InputError: if it claims far more values than it has room for.
    """
    from pyarrow.parquet import read_metadata

    found = read_metadata(path)
    n_values = found.num_rows * found.num_columns
    # only lists have more values than rows; asked for a damaged column, pyarrow ends the process
    if any(found.schema.column(n).max_repetition_level for n in range(found.num_columns)):
        groups = [found.row_group(number) for number in range(found.num_row_groups)]
        columns = [group.column(n) for group in groups for n in range(group.num_columns)]
        n_values = max(n_values, sum(column.num_values for column in columns))
    check_growth(path, VALUE_BYTES * n_values, path.stat().st_size)


class _Bounded(io.RawIOBase):
    def __init__(self, stream: IO[bytes] | GzipFile, packed: Callable[[], int], path: Path) -> None:
        self._stream, self._packed, self._path = stream, packed, path
        self._n_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer)
        chunk = self._stream.read(len(room))
        room[: len(chunk)] = chunk
        self._n_read += len(chunk)
        check_growth(self._path, self._n_read, self._packed())
        return len(chunk)
