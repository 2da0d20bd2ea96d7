"""Merges trees of files: what happens to each file, before anything is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fastgen.merge.elements import resolved
from fastgen.merge.formatted_statements import with_equal_formatting
from fastgen.merge.formatting import is_same_code, settled
from fastgen.merge.import_blocks import with_equal_imports
from fastgen.merge.indentation import with_indentation_of
from fastgen.merge.line_ends import as_in, plain
from fastgen.merge.regions import Conflict, Region
from fastgen.merge.text import merge_lines, with_markers

Outcome = Literal["unchanged", "taken", "merged", "added", "deleted", "kept", "conflict"]
"""Taken: nobody had edited it. Kept: it should go, but was edited. See `merge_trees`."""


@dataclass(frozen=True, slots=True)
class MergedFile:
    """A file that a merge changes, or that it leaves although fastgen would change it."""

    path: str
    outcome: Outcome
    content: bytes | None
    """None: the file is deleted."""
    base: bytes | None = None
    theirs: bytes | None = None
    moved_from: str = ""
    """The path of the edited file, if fastgen has moved it."""


def merge_trees(
    base: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    ours: Callable[[str], bytes | None],
    renames: Mapping[str, str],
    moves: Mapping[str, str] | None = None,
) -> Iterator[MergedFile]:
    """Merge the files that differ between `base` and `theirs`; others stay as they are.

    A file that people deleted stays deleted. One that they edited, and that fastgen deletes, is
    kept. Edits of both are merged; where they collide, the text has both between markers. Of a
    binary file, the version of the people stays, and it is a conflict.

    Args:
        base: the files as fastgen wrote them.
        theirs: the files as fastgen writes them now.
        ours: gives the present content of a file.
        renames: the present paths of files that people have renamed.
        moves: the new paths of files that fastgen has moved; edits of people move along, unless
            they have a file there, or have renamed theirs.
    """
    moved = {
        path: new
        for path, new in (moves or {}).items()
        if path not in renames and ours(new) is None
    }
    for path, new in moved.items():
        yield from _moved(path, new, base[path], theirs[new], ours(path))
    for path in sorted({*base, *theirs}.difference(moved, moved.values())):
        before, after = base.get(path), theirs.get(path)
        if before == after:
            continue
        place = renames.get(path, path)
        found = merge_file(place, before, after, ours(place), is_renamed=place != path)
        if found is not None:
            yield found


def _moved(
    path: str, new: str, base: bytes, theirs: bytes, ours: bytes | None
) -> Iterator[MergedFile]:
    """A file that fastgen has moved; one that people deleted stays deleted."""
    if ours is None:
        return
    found = merge_file(new, base, theirs, ours) or MergedFile(new, "merged", ours)
    yield MergedFile(path, "deleted", None)
    yield replace(found, moved_from=path)


def merge_file(
    path: str,
    base: bytes | None,
    theirs: bytes | None,
    ours: bytes | None,
    *,
    is_renamed: bool = False,
) -> MergedFile | None:
    """Merge one file that fastgen changes; None if it stays as it is."""
    if ours is None:
        # Deleted by people, or added by fastgen.
        return MergedFile(path, "added", theirs) if base is None and theirs is not None else None
    if theirs is None:
        is_same = not is_renamed and base is not None and is_unedited(path, ours, base)
        return MergedFile(path, "deleted", None) if is_same else MergedFile(path, "kept", ours)
    theirs = with_indentation_of(path, ours, theirs)
    base = None if base is None else with_indentation_of(path, ours, base)
    own, new = _text(ours), _text(theirs)
    outcome: Outcome
    if base is not None and plain(own) == plain(_text(base)):
        after, outcome = as_in(own, new), "taken"
    elif any(b"\0" in content for content in (base or b"", theirs, ours)):
        after, outcome = own, "unchanged" if own == new else "conflict"
    else:
        after, is_conflict = merge_text(path, _text(base or b""), own, new)
        outcome = "conflict" if is_conflict else "merged" if after != own else "unchanged"
    return (
        None if outcome == "unchanged" else MergedFile(path, outcome, _bytes(after), base, theirs)
    )


def is_unedited(path: str, ours: bytes, base: bytes) -> bool:
    """Whether people have changed nothing but line ends and the formatting of code."""
    before, own = (
        plain(_text(content)) for content in (with_indentation_of(path, ours, base), ours)
    )
    return own == before or is_same_code(path, own, before)


def merge_text(path: str, base: str, ours: str, theirs: str) -> tuple[str, bool]:
    """The merged text with the line ends of `ours`, and whether it has conflicts."""
    texts = [plain(text) for text in (base, ours, theirs)]
    if texts[1] == texts[2]:
        return ours, False
    lines = [_lines(text) for text in texts]
    regions = settled(path, merge_lines(*lines))
    for equalized in (with_equal_imports, with_equal_formatting):
        if _conflicts(regions) and path.endswith(".py") and (equal := equalized(lines)):
            others = settled(path, merge_lines(*equal))
            if _conflicts(others) < _conflicts(regions):
                regions, lines = others, equal
    if _conflicts(regions):
        regions = resolved(path, regions, lines)
    if _conflicts(regions) and (changed := _only_changed(path, texts)):
        return as_in(ours, changed), False
    is_conflict = _conflicts(regions) > 0
    merged = with_markers(regions)
    if not is_conflict and texts[1] and not texts[1].endswith("\n"):
        merged = merged.removesuffix("\n")
    return as_in(ours, merged), is_conflict


def _only_changed(path: str, texts: Sequence[str]) -> str:
    """The text of one side, if the other side of a module has only formatted it; else none."""
    base, ours, theirs = texts
    if is_same_code(path, ours, base):
        return theirs
    return ours if is_same_code(path, theirs, base) else ""


def _conflicts(regions: Iterable[Region]) -> int:
    return sum(isinstance(each, Conflict) for each in regions)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in (lines if lines[-1] else lines[:-1])]


def _text(content: bytes) -> str:
    """Any content as text, such that it can be written back."""
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
