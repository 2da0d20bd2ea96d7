"""Merges one text: by git where it is there, else by lines in the same way."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen.merge.regions import Clean, Conflict, Region, three_way

LABELS = ("yours", "before", "fastgen")
_SIZE = 61
_MARKS = {mark * _SIZE: part for mark, part in (("<", 1), ("|", 2), ("=", 3), (">", 0))}


def merge_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[Region]:
    """The regions of the merged text; lines end with a line feed."""
    if (git := _git()) and not any(line[:_SIZE] in _MARKS for line in (*ours, *base, *theirs)):
        try:
            return _by_git(git, base, ours, theirs)
        except (OSError, subprocess.SubprocessError):
            pass
    return three_way(base, ours, theirs)


def with_markers(regions: Iterable[Region]) -> str:
    """The text, with conflicts between markers in the style of diff3."""
    ours, base, theirs = LABELS
    return "".join(
        "".join(each.lines)
        if isinstance(each, Clean)
        else "".join(
            [
                *(f"<<<<<<< {ours}\n", *each.ours),
                *(f"||||||| {base}\n", *each.base),
                *("=======\n", *each.theirs, f">>>>>>> {theirs}\n"),
            ]
        )
        for each in regions
    )


@cache
def _git() -> str | None:
    return shutil.which("git")


def _by_git(
    git: str, base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> list[Region]:
    with TemporaryDirectory(prefix="fastgen-") as name:
        paths = [Path(name, str(number)) for number in range(3)]
        for path, lines in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes("".join(lines).encode("utf-8", "surrogateescape"))
        done = subprocess.run(
            [git, "merge-file", "-p", "-q", "--diff3", f"--marker-size={_SIZE}", *paths],
            capture_output=True,
            check=False,
            cwd=name,
        )
    if done.returncode < 0 or done.returncode > 127:  # a signal, or an error
        raise subprocess.SubprocessError
    text = done.stdout.decode("utf-8", "surrogateescape")
    return [*_parsed(text.split("\n"))]


def _parsed(lines: Sequence[str]) -> Iterator[Region]:
    parts: list[list[str]] = [[], [], [], []]
    part = 0
    for line in (f"{line}\n" for line in lines[:-1]):
        if line[:_SIZE] not in _MARKS:
            parts[part].append(line)
            continue
        part = _MARKS[line[:_SIZE]]
        if part == 1 and parts[0]:
            yield Clean(tuple(parts[0]))
        if part == 0:
            yield Conflict(*(tuple(each) for each in parts[1:]))
        if part in (0, 1):
            parts = [[], [], [], []]
    if parts[0]:
        yield Clean(tuple(parts[0]))
