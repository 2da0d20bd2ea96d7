"""The difference that a pattern or an extra makes to a project."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff

from fastgen.project import extras, patterns
from fastgen.project.choices import with_patterns
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
    """The differences between a project and another one."""

    others: Sequence[str]
    """Further patterns and extras that the other project lacks."""
    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[ChangedFile]


def with_and_without(choice: Choice, part: str) -> tuple[Choice, Choice]:
    """The choice with a pattern or an extra, and without it and those that need it.

    Raises:
        BadChoice: there is no such part.
    """
    known = (*patterns.all_patterns(), *extras.all_extras())
    found = next((one for one in known if one.name == part), None)
    if found is None:
        hint = f"Choose from: {', '.join(one.name for one in known)}."
        raise BadChoice([Fault(("part",), f"There is no pattern or extra `{part[:40]}`.", hint)])
    is_extra = part in extras.names()
    more = found.needs if is_extra else (part,)
    chosen = patterns.with_needs({*choice.answers.patterns, *more})
    added = extras.choose({*choice.extras, *([part] if is_extra else [])})
    left = [one for one in chosen if part not in patterns.with_needs([one])]
    return _with(choice, chosen, added), _with(
        choice, left, [one for one in added if one != part and _is_possible(one, left)]
    )


def difference(part: str, with_: Choice, without: Choice, new: Project, old: Project) -> Difference:
    """Compare the files of two projects."""
    kept = {*without.answers.patterns, *without.extras, part}
    return Difference(
        others=[one for one in (*with_.answers.patterns, *with_.extras) if one not in kept],
        added=[path for path in new.files if path not in old.files],
        removed=[path for path in old.files if path not in new.files],
        changed=[
            ChangedFile(path, _lines(old.files[path].content, file.content))
            for path, file in new.files.items()
            if path in old.files and old.files[path].content != file.content
        ],
    )


def _with(choice: Choice, chosen: Sequence[str], added: Sequence[str]) -> Choice:
    answers = with_patterns(choice.answers, chosen)
    return replace(choice, answers=answers, extras=tuple(added))


def _is_possible(extra: str, chosen: Sequence[str]) -> bool:
    return all({*one.needs} <= {*chosen} for one in extras.all_extras() if one.name == extra)


def _lines(old: bytes, new: bytes) -> list[str]:
    before, after = (content.decode("utf-8", "replace").splitlines() for content in (old, new))
    return [*unified_diff(before, after, lineterm="")][2:]  # without the names of the files
