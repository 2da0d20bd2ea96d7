"""The difference that a pattern makes to a project."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff

from fastgen.errors import BadInput
from fastgen.project import patterns
from fastgen.web.faults import BadChoice, Fault
from fastgen.web.project_choice import Choice
from fastgen.web.rendered_project import Project


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that is in both projects, and the lines of its unified diff."""

    path: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a project with a pattern has, compared with the same project without it."""

    pattern: str
    others: Sequence[str]
    """The patterns that need it, which the project without it lacks too."""
    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[ChangedFile]


def with_and_without(choice: Choice, pattern: str) -> tuple[Choice, Choice]:
    """The choice with a pattern, and without it and those that need it.

    Raises:
        BadChoice: there is no such pattern.
    """
    try:
        (name,) = patterns.choose([pattern])
    except (BadInput, ValueError):
        message = f"`{pattern[:40]}` is not a pattern on offer."
        hint = f"Choose from: {', '.join(patterns.names())}."
        raise BadChoice([Fault(("pattern",), message, hint)]) from None
    chosen = patterns.with_needs({*choice.answers.patterns, name})
    left = [one for one in chosen if name not in patterns.with_needs([one])]
    return _with_patterns(choice, chosen), _with_patterns(choice, patterns.with_needs(left))


def difference(
    pattern: str, with_: Choice, without: Choice, new: Project, old: Project
) -> Difference:
    """Compare the files of two projects."""
    lost = [*with_.answers.patterns]
    for name in (*without.answers.patterns, pattern):
        lost.remove(name)
    return Difference(
        pattern=pattern,
        others=lost,
        added=[path for path in new.files if path not in old.files],
        removed=[path for path in old.files if path not in new.files],
        changed=[
            ChangedFile(path, _lines(old.files[path].content, file.content))
            for path, file in new.files.items()
            if path in old.files and old.files[path].content != file.content
        ],
    )


def _with_patterns(choice: Choice, chosen: tuple[str, ...]) -> Choice:
    return replace(choice, answers=replace(choice.answers, patterns=chosen), requested=chosen)


def _lines(old: bytes, new: bytes) -> list[str]:
    before, after = (content.decode("utf-8", "replace").splitlines() for content in (old, new))
    return [*unified_diff(before, after, lineterm="")][2:]  # without the names of the files
