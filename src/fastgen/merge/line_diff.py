"""The shortest edit script of two lists of lines (Myers), placed as git places it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """Lines `start` to `end` of the first text became `new_start` to `new_end` of the second."""

    start: int
    end: int
    new_start: int
    new_end: int


def changes(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """The changes in order; groups that may slide are as far down as possible."""
    removed, added = [False] * len(before), [False] * len(after)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    for x, y in _edits(old, new):
        if y < 0:
            removed[head + x] = True
        else:
            added[head + y] = True
    _slide_down(before, removed)
    _slide_down(after, added)
    return [*_groups(removed, added)]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Each removed line as (index, -1), each added one as (-1, index); the last ones first."""
    furthest, traces = {1: 0}, list[dict[int, int]]()
    for distance in range(len(old) + len(new) + 1):
        traces.append(dict(furthest))
        for diagonal in range(-distance, distance + 1, 2):
            x = _start(furthest, diagonal, distance)
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                yield from _back(traces, len(old), len(new))
                return


def _start(furthest: dict[int, int], diagonal: int, distance: int) -> int:
    is_down = diagonal == -distance or (
        diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
    )
    return furthest[diagonal + 1] if is_down else furthest[diagonal - 1] + 1


def _back(traces: Sequence[dict[int, int]], x: int, y: int) -> Iterator[tuple[int, int]]:
    for distance in range(len(traces) - 1, 0, -1):
        furthest, diagonal = traces[distance], x - y
        is_down = diagonal == -distance or (
            diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
        )
        before = diagonal + 1 if is_down else diagonal - 1
        x = furthest[before]
        y = x - before
        yield (-1, y) if is_down else (x, -1)


def _slide_down(lines: Sequence[str], is_changed: list[bool]) -> None:
    """Move each group of changed lines down while its first line equals the line below it."""
    start = 0
    while start < len(lines):
        if not is_changed[start]:
            start += 1
            continue
        end = start
        while end < len(lines) and is_changed[end]:
            end += 1
        while end < len(lines) and lines[start] == lines[end]:
            is_changed[start], is_changed[end] = False, True
            start += 1
            end += 1
            while end < len(lines) and is_changed[end]:
                end += 1
        start = end


def _groups(removed: Sequence[bool], added: Sequence[bool]) -> Iterator[Change]:
    x = y = 0
    while x < len(removed) or y < len(added):
        start, new_start = x, y
        while x < len(removed) and removed[x]:
            x += 1
        while y < len(added) and added[y]:
            y += 1
        if (start, new_start) != (x, y):
            yield Change(start, x, new_start, y)
        else:
            x += 1
            y += 1
