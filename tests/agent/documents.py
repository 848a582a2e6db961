"""The documents in pieces: pages, fenced blocks, sections, tables."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\S+\.(?:toml|py))\b")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `file` is the name that its first line gives it."""

    page: str
    kind: str
    text: str

    @property
    def file(self) -> str:
        named = NAMED.match(self.text)
        return Path(named[1]).name if named else ""


def blocks(*kinds: str) -> list[Block]:
    found = [(page, match) for page in PAGES for match in BLOCK.finditer(page.read_text("utf-8"))]
    return [
        Block(page.name, match[2], re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE))
        for page, match in found
        if match[2] in kinds
    ]


def page_section(page: str, head: str) -> str:
    return (ROOT / "docs" / page).read_text("utf-8").split(f"\n{head}\n")[1].split("\n## ")[0]


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table that begins with this line."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert text.count(f"\n{head}\n") == 1
    lines = text.split(f"\n{head}\n")[1].splitlines()[1:]
    table = itertools.takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in table]
