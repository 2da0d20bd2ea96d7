"""A merged text as regions: lines that are certain, and conflicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastgen.merge.line_diff import Change, changes


@dataclass(frozen=True, slots=True)
class Clean:
    """Lines of the result."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that both sides have changed, each in its own way."""

    ours: tuple[str, ...]
    base: tuple[str, ...]
    theirs: tuple[str, ...]


Region = Clean | Conflict


@dataclass(slots=True)
class _Span:
    """A range of each text, as start and length, and whose change it is; both: a conflict."""

    side: str
    base: int
    base_length: int
    ours: int
    ours_length: int
    theirs: int
    theirs_length: int


def three_way(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[Region]:
    """The merge of two descendants of `base`, by the rules of `git merge-file --diff3`.

    Changes that overlap or touch are a conflict, unless they are the same.
    """
    regions: list[Region] = []
    done = 0
    for span in _spans(base, ours, theirs):
        regions.append(Clean(tuple(ours[done : span.ours])))
        own = tuple(ours[span.ours : span.ours + span.ours_length])
        other = tuple(theirs[span.theirs : span.theirs + span.theirs_length])
        if span.side == "both":
            common = tuple(base[span.base : span.base + span.base_length])
            regions.append(Conflict(own, common, other))
        else:
            regions.append(Clean(own if span.side == "ours" else other))
        done = span.ours + span.ours_length
    regions.append(Clean(tuple(ours[done:])))
    return [each for each in regions if each != Clean(())]


def _spans(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[_Span]:
    spans: list[_Span] = []
    own, other = changes(base, ours), changes(base, theirs)
    while own and other:
        one, two = own[0], other[0]
        if one.end < two.start:
            _append(spans, _single("ours", one, two.new_start - two.start))
            own.pop(0)
        elif two.end < one.start:
            _append(spans, _single("theirs", two, one.new_start - one.start))
            other.pop(0)
        else:
            if not _is_same(one, two, ours, theirs):
                _append(spans, _overlap(one, two))
            if one.end >= two.end:
                other.pop(0)
            if two.end >= one.end:
                own.pop(0)
    for one in own:
        _append(spans, _single("ours", one, len(theirs) - len(base)))
    for two in other:
        _append(spans, _single("theirs", two, len(ours) - len(base)))
    return spans


def _is_same(one: Change, two: Change, ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return (one.start, one.end) == (two.start, two.end) and (
        ours[one.new_start : one.new_end] == theirs[two.new_start : two.new_end]
    )


def _single(side: str, change: Change, offset: int) -> _Span:
    """A change of one side; `offset` is where the other side is, compared with base."""
    length, new_length = change.end - change.start, change.new_end - change.new_start
    there = change.start + offset
    if side == "ours":
        return _Span(side, change.start, length, change.new_start, new_length, there, length)
    return _Span(side, change.start, length, there, length, change.new_start, new_length)


def _overlap(one: Change, two: Change) -> _Span:
    start, end = min(one.start, two.start), max(one.end, two.end)
    ours, theirs = one.new_start - (one.start - start), two.new_start - (two.start - start)
    ours_end, theirs_end = one.new_end + (end - one.end), two.new_end + (end - two.end)
    return _Span("both", start, end - start, ours, ours_end - ours, theirs, theirs_end - theirs)


def _append(spans: list[_Span], span: _Span) -> None:
    """Add a span; one that touches the last one becomes a part of it."""
    last = spans[-1] if spans else None
    if last and (
        span.ours <= last.ours + last.ours_length or span.theirs <= last.theirs + last.theirs_length
    ):
        if span.side != last.side:
            last.side = "both"
        last.base_length = span.base + span.base_length - last.base
        last.ours_length = span.ours + span.ours_length - last.ours
        last.theirs_length = span.theirs + span.theirs_length - last.theirs
        return
    spans.append(span)
