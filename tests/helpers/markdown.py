"""What stands in a Markdown file: its links, its headings, its code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"!?\[[^\[\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def blocks(path: Path, language: str = "") -> list[str]:
    """The fenced blocks of a language; shell commands stand in blocks of none."""
    found = FENCED.findall(path.read_text(encoding="utf-8"))
    return [text for marked, text in found if marked == language]


def prose(path: Path) -> str:
    """The text without its fenced blocks."""
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def code_spans(path: Path) -> list[str]:
    return [" ".join(span.split()) for span in INLINE.findall(prose(path))]


def links(path: Path) -> list[str]:
    """Targets of links and images."""
    return LINK.findall(prose(path))


def anchors(path: Path) -> set[str]:
    """The anchors of the headings, formed as GitHub forms them."""
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(prose(path)))
    return {title.strip().replace(" ", "-") for title in kept}
