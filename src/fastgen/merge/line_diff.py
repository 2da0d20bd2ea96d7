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
    """The changes in order."""
    removed, added = [False] * len(before), [False] * len(after)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    for x, y in _edits(old, new):
        if y < 0:
            removed[head + x] = True
        else:
            added[head + y] = True
    _compact(before, removed, added)
    _compact(after, added, removed)
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


def _compact(lines: Sequence[str], is_changed: list[bool], is_changed_there: list[bool]) -> None:
    """Move each group of changed lines as far down as possible, as git does.

    A group may move over a line that equals its own first or last line. Where it can stand beside
    changes of the other text, it does: a changed line is then no removal here and addition there.
    """
    group, other = _Group(is_changed), _Group(is_changed_there)
    while True:
        if not group.is_empty:
            _move(lines, group, other)
        if not group.next():
            return
        other.next()


def _move(lines: Sequence[str], group: "_Group", other: "_Group") -> None:
    size = 0
    while size != group.size:  # a group that meets another one takes it in
        size = group.size
        while group.slide_up(lines):
            other.previous()
        beside = None if other.is_empty else group.end
        while group.slide_down(lines):
            other.next()
            beside = beside if other.is_empty else group.end
    if beside is not None:
        while other.is_empty:
            group.slide_up(lines)
            other.previous()


class _Group:
    """Changed lines between two lines that stay; there may be none."""

    def __init__(self, is_changed: list[bool]) -> None:
        self.is_changed = is_changed
        self.start = self.end = 0
        self._extend_down()

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def is_empty(self) -> bool:
        return self.start == self.end

    def next(self) -> bool:
        if self.end == len(self.is_changed):
            return False
        self.start = self.end = self.end + 1
        self._extend_down()
        return True

    def previous(self) -> None:
        self.start = self.end = self.start - 1
        self._extend_up()

    def slide_down(self, lines: Sequence[str]) -> bool:
        if self.end == len(lines) or lines[self.start] != lines[self.end]:
            return False
        self.is_changed[self.start], self.is_changed[self.end] = False, True
        self.start += 1
        self.end += 1
        self._extend_down()
        return True

    def slide_up(self, lines: Sequence[str]) -> bool:
        if self.start == 0 or lines[self.start - 1] != lines[self.end - 1]:
            return False
        self.start -= 1
        self.end -= 1
        self.is_changed[self.start], self.is_changed[self.end] = True, False
        self._extend_up()
        return True

    def _extend_down(self) -> None:
        while self.end < len(self.is_changed) and self.is_changed[self.end]:
            self.end += 1

    def _extend_up(self) -> None:
        while self.start > 0 and self.is_changed[self.start - 1]:
            self.start -= 1


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
