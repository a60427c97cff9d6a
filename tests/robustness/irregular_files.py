"""Good input files -> the same content as other programs and people write it."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass

HEADERS = {2: "protein1\tprotein2", 3: "protein1\tprotein2\tlabel"}


@dataclass(frozen=True)
class Irregular:
    """One way to write a file otherwise.

    Attributes:
        change: the content, rewritten.
        said: what must be said of it, if anything is lost or decided.
        adds_rows: whether a table has more rows then, of pairs that it holds already.
    """

    change: Callable[[bytes], bytes]
    said: str = ""
    adds_rows: bool = False


def _each_line(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda raw: "".join(f"{change(line)}\n" for line in raw.decode().splitlines()).encode()


def _ends_with(line: Callable[[list[str]], str]) -> Callable[[bytes], bytes]:
    """One line more, made from the fields of the first."""
    return lambda raw: raw + f"{line(raw.decode().split(chr(10))[0].split(chr(9)))}\n".encode()


def _with_header(raw: bytes) -> bytes:
    if raw.startswith(b"left\tright"):
        return raw
    width = raw.decode().split("\n")[0].count("\t") + 1
    return f"{HEADERS[width]}\n".encode() + raw


def _all_at_once(raw: bytes) -> bytes:
    """As a spreadsheet on Windows may save it."""
    text = b"# made by hand\n\n" + _with_header(raw)
    return b"\xef\xbb\xbf" + text.replace(b"\t", b",").replace(b"\n", b"\r\n")


FORMAT = {
    "BOM": Irregular(lambda raw: b"\xef\xbb\xbf" + raw),
    "CRLF": Irregular(lambda raw: raw.replace(b"\n", b"\r\n")),
    "CR": Irregular(lambda raw: raw.replace(b"\n", b"\r")),
    "no end of the last line": Irregular(lambda raw: raw.rstrip(b"\n")),
    "blank lines": Irregular(lambda raw: b"\n\n" + raw.replace(b"\n", b"\n \n", 5) + b"\n\n"),
    "gzip": Irregular(gzip.compress),
    "gzip in two parts": Irregular(
        lambda raw: gzip.compress(raw[: len(raw) // 2]) + gzip.compress(raw[len(raw) // 2 :])
    ),
}
LINES = {
    **FORMAT,
    "comments": Irregular(lambda raw: b"# by hand\n" + raw.replace(b"\n", b"\n#x\ty\n", 3)),
    "white space at the ends": Irregular(_each_line(lambda line: f"  {line} ")),
}
TABLE = {
    **LINES,
    "header": Irregular(_with_header),
    "commas": Irregular(lambda raw: raw.replace(b"\t", b",")),
    "semicolons": Irregular(lambda raw: raw.replace(b"\t", b";")),
    "spaces": Irregular(lambda raw: raw.replace(b"\t", b" ")),
    "quotes": Irregular(
        _each_line(lambda line: "\t".join(f'"{field}"' for field in line.split("\t")))
    ),
    "header and more columns": Irregular(
        lambda raw: _each_line(lambda line: f"{line}\tby hand")(_with_header(raw))
    ),
    "all at once": Irregular(_all_at_once),
}
CANDIDATES = {
    **TABLE,
    "repeated": Irregular(_ends_with("\t".join), adds_rows=True),
    "in reverse": Irregular(_ends_with(lambda row: f"{row[1]}\t{row[0]}"), adds_rows=True),
    "self pair": Irregular(_ends_with(lambda row: f"{row[0]}\t{row[0]}"), adds_rows=True),
    "one id": Irregular(_ends_with(lambda row: row[0]), "fewer than two ids", adds_rows=True),
    "unknown id": Irregular(_ends_with(lambda row: f"{row[0]}\tQ99999"), "Q99999", adds_rows=True),
}
PAIRS = {
    **TABLE,
    "repeated": Irregular(_ends_with("\t".join)),
    "in reverse": Irregular(_ends_with(lambda row: "\t".join([row[1], row[0], *row[2:]]))),
    "self pair": Irregular(_ends_with(lambda row: "\t".join([row[0], row[0], *row[2:]]))),
    "one id": Irregular(_ends_with(lambda row: row[0]), "(line "),
}
LABELLED = {
    **PAIRS,
    "labels with decimals": Irregular(_each_line(lambda line: f"{line}.0")),
    "conflicting labels": Irregular(
        _ends_with(lambda row: f"{row[0]}\t{row[1]}\t0"), "both labels"
    ),
    "header, more columns": Irregular(
        lambda raw: _each_line(lambda line: f"{line}\tby hand")(_with_header(raw))
    ),
}
FASTA = {
    **FORMAT,
    "lower case": Irregular(
        lambda raw: b"\n".join(
            line if line.startswith(b">") else line.lower() for line in raw.split(b"\n")
        ),
        "line 1)",
    ),
    "description": Irregular(_each_line(lambda line: f"{line} x=1" if line[0] == ">" else line)),
    "star at the end": Irregular(
        _each_line(lambda line: line if line[0] == ">" else f"{line}*"), "line 1)"
    ),
    "short lines": Irregular(
        _each_line(lambda line: line if line[0] == ">" else f"{line[:9]}\n{line[9:]}")
    ),
    "a record twice": Irregular(
        lambda raw: raw + b"\n".join(raw.split(b"\n")[:2]) + b"\n", "P000, line 181"
    ),
    "empty record": Irregular(lambda raw: raw + b">new\n", "new, line 181"),
}
SPECIES = {name: LINES[name] for name in LINES if name != "comments"}

IRREGULAR: Mapping[str, Mapping[str, Irregular]] = {
    "fasta": FASTA,
    "known": PAIRS,
    "table": LABELLED,
    "candidates": CANDIDATES,
    "left": LINES,
    "species": SPECIES,
    "train": {"all at once": LABELLED["all at once"]},
    "test": {"all at once": LABELLED["all at once"]},
    "config": {
        "BOM and CRLF": Irregular(lambda raw: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    },
    "string": FORMAT,
    "mitab": FORMAT,
    "hippie": FORMAT,
    "dscript": FORMAT,
}
