"""Finds files that people have renamed, by what they hold."""

from collections import Counter
from collections.abc import Iterable, Mapping

LEAST = 0.6
"""The part of the lines that a file shares with the one that it was."""
MIN_LINES = 5
"""Shorter files are like too many others."""


def find_renames(missing: Mapping[str, bytes], added: Mapping[str, bytes]) -> dict[str, str]:
    """The present path of each missing file that was renamed.

    Args:
        missing: files that fastgen wrote, and that are not there any more.
        added: files that fastgen did not write.
    """
    counts = {path: Counter(_lines(content)) for path, content in added.items()}
    found: dict[str, str] = {}
    for path, content in missing.items():
        lines = Counter(_lines(content))
        best = _best(lines, ((name, counts[name]) for name in counts.keys() - {*found.values()}))
        if best and lines.total() >= MIN_LINES:
            found[path] = best
    return found


def moved_folder(folder: str, renames: Mapping[str, str]) -> str:
    """The folder to which people have moved most files of another one that is gone.

    Args:
        folder: the one that is gone.
        renames: the present paths of its files, as far as they were found.

    Returns:
        Its path; that of `folder` if no file was found.
    """
    names = {path: path.removeprefix(folder) for path in renames}
    found = Counter(
        new.removesuffix(names[path]) for path, new in renames.items() if new.endswith(names[path])
    )
    return max(found, key=lambda each: found[each], default=folder)


def _best(lines: Counter[bytes], candidates: Iterable[tuple[str, Counter[bytes]]]) -> str:
    """The candidate that shares most lines; none if another one shares as many."""
    shares = sorted(
        (((lines & other).total() / max(lines.total(), other.total(), 1), name))
        for name, other in candidates
    )
    if not shares or shares[-1][0] < LEAST or shares[-1][0] in {share for share, _ in shares[:-1]}:
        return ""
    return shares[-1][1]


def _lines(content: bytes) -> list[bytes]:
    return [line.strip() for line in content.splitlines() if line.strip()]
