"""Files that people have edited in many ways, before and after an edit."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A text before and after the edit: the same if there is nothing to do, None if refused."""

    name: str
    before: str
    after: str | None
    reason: str = ""
    one_way: bool = False

    def __str__(self) -> str:
        return self.name


def read_cases(name: str) -> list[Case]:
    """The cases of a file in this folder; its first lines say how to read it."""
    text = (FOLDER / name).read_text("utf-8")
    found = []
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        title, _, flags = title.partition(" [")
        lines = body.splitlines(keepends=True)
        old, new = ("-", "+") if "changed" in flags else (None, "+")
        before = "".join(_without_mark(line, old) for line in lines if not line.startswith(new))
        after = "".join(
            _without_mark(line, new) for line in lines if old is None or not line.startswith(old)
        )
        one_way = "one way" in flags
        before, after = (_written(one, flags) for one in (before, after))
        if title.startswith("refused: "):
            found.append(Case(title, before, None, title.removeprefix("refused: ")))
        else:
            found.append(Case(title, before, after, one_way=one_way))
    return found


def _without_mark(line: str, mark: str | None) -> str:
    return line if mark is None else line.removeprefix(mark)


def _written(text: str, flags: str) -> str:
    text = text.replace("⇥", "\t").replace("␌", "\f")
    if "open end" in flags:
        text = text.removesuffix("\n")
    if "crlf" in flags:
        text = text.replace("\n", "\r\n")
    elif "cr" in flags:
        text = text.replace("\n", "\r")
    return f"\ufeff{text}" if "bom" in flags else text
