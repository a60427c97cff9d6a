"""Compressed files -> a limit on their unpacked size, so that a small file cannot fill memory."""

import io
import zipfile
from collections.abc import Callable
from gzip import GzipFile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ppi_ratio.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_EXPANSION = 200  # gzip shrinks sequences 2 to 4 times, and tables of pairs up to 30 times
ALWAYS_ALLOWED = 2**26  # bytes; below this size, any compression is accepted
VALUE_BYTES = 8  # memory per value of a table
ZIP_MAGIC = b"PK\x03\x04"


def check_unpacked_size(path: Path, unpacked: int, packed: int) -> None:
    """Refuse a file that unpacks to far more bytes than it has on disk.

    Raises:
        InputError: if ``unpacked`` is more than 64 MiB and more than 200 times ``packed``.
    """
    if unpacked > max(ALWAYS_ALLOWED, MAX_EXPANSION * packed):
        raise InputError(
            f"{path}: {packed:,} bytes unpack to {unpacked:,} or more; the limit is "
            f"{MAX_EXPANSION} times the size on disk. If you trust the file, unpack it first"
        )


def bounded(
    stream: IO[bytes] | GzipFile, packed: Callable[[], int], path: Path
) -> io.BufferedReader:
    """Wrap a decompressing stream so that it fails once it has unpacked too much.

    Args:
        stream: the decompressing stream.
        packed: returns how many compressed bytes were read so far.
        path: the file, for the error message.

    Returns:
        A stream that raises ``InputError`` as ``check_unpacked_size`` does.
    """
    return io.BufferedReader(_Bounded(stream, packed, path))


def check_stored(path: Path) -> None:
    """Refuse a zip file that ``torch.save`` cannot have written, since it never compresses.

    Raises:
        InputError: if a member is compressed, if the members together are larger than the file,
            or if the zip file is damaged.
    """
    with path.open("rb") as file:
        if file.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
            return
        try:
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise InputError(
                f"{path}: damaged ({error}); download or create the file again"
            ) from error
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    if packed or sum(member.file_size for member in members) > path.stat().st_size:
        raise InputError(
            f"{path}: is compressed, and torch.save never compresses; download or create the file "
            "again"
        )


def check_parquet(path: Path) -> None:
    """Refuse a Parquet file whose few bytes expand to far too many values.

    Raises:
        InputError: if it claims far more values than a file of its size can hold.
    """
    from pyarrow.parquet import read_metadata

    found = read_metadata(path)
    n_values = found.num_rows * found.num_columns
    # Only list columns have more values than rows. Others are not asked for their number of
    # values, because pyarrow ends the process on a damaged column.
    if any(found.schema.column(n).max_repetition_level for n in range(found.num_columns)):
        groups = [found.row_group(number) for number in range(found.num_row_groups)]
        columns = [group.column(n) for group in groups for n in range(group.num_columns)]
        n_values = max(n_values, sum(column.num_values for column in columns))
    check_unpacked_size(path, VALUE_BYTES * n_values, path.stat().st_size)


class _Bounded(io.RawIOBase):
    """The raw stream behind ``bounded``."""

    def __init__(self, stream: IO[bytes] | GzipFile, packed: Callable[[], int], path: Path) -> None:
        self._stream, self._packed, self._path = stream, packed, path
        self._n_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        target = memoryview(buffer)
        chunk = self._stream.read(len(target))
        target[: len(chunk)] = chunk
        self._n_read += len(chunk)
        check_unpacked_size(self._path, self._n_read, self._packed())
        return len(chunk)
