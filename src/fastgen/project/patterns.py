"""The patterns as data: a folder of templates each, described by its `pattern.toml`."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput
from fastgen.names.display import listed
from fastgen.project.contributions import Contribution
from fastgen.rendering.template_folder import entries, is_template, read_text, templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern, a foundation that several patterns share, or an extra."""

    name: str
    folder: Path
    order: int
    """Its place in every list; the files of later ones replace those of earlier ones."""
    summary: str = ""
    """One line for the dialogue and for `fastgen list`; a foundation has none."""
    needs: tuple[str, ...] = ()
    """Patterns that come with it."""
    foundations: tuple[str, ...] = ()
    setup: str = ""
    """A command to run once in the environment of the project, after the installation."""
    default: bool = False
    """Whether a project has it when `--with` is not given."""
    instead: str = ""
    """The folder of templates that takes its place in projects without it."""
    choices: str = ""
    """The folder of its choices, if it has any: a project has exactly one of them."""
    contributes: Contribution
    meetings: Mapping[frozenset[str], Contribution]
    """Further contributions, where other patterns are there too."""

    @property
    def description(self) -> str:
        """The summary, with the patterns that come with it, and its choices."""
        notes = [f"brings {', '.join(self.needs)}"] if self.needs else []
        if found := [choice.name for choice in all_choices(self)]:
            notes.append(f"--{self.name}: {', '.join(found)}")
        return f"{self.summary} ({'; '.join(notes)})" if notes else self.summary

    def contributions(self, present: Collection[str]) -> Iterator[Contribution]:
        """The contributions in a project with these patterns."""
        yield self.contributes
        for others, contribution in self.meetings.items():
            if others <= {*present}:
                yield contribution

    def layers(self, present: Collection[str]) -> Iterator[Path]:
        """The folders of its files in a project with these patterns, in order."""
        yield self.folder / "files"
        for folder in entries(self.folder):
            start, *others = folder.name.split("_")
            if start == "with" and {*others} <= {*present}:
                yield folder


def all_patterns() -> tuple[Pattern, ...]:
    """The patterns on offer, in order."""
    return read_folders(templates() / "patterns", "pattern.toml")


def all_foundations() -> tuple[Pattern, ...]:
    """The foundations of patterns, in order."""
    return read_folders(templates() / "foundations", "foundation.toml")


def all_choices(pattern: Pattern) -> tuple[Pattern, ...]:
    """The choices of a pattern, in order; the first one is the default."""
    return read_folders(pattern.folder / pattern.choices, "choice.toml") if pattern.choices else ()


def names() -> tuple[str, ...]:
    """The names of the patterns on offer, in order."""
    return tuple(pattern.name for pattern in all_patterns())


def defaults() -> tuple[str, ...]:
    """The patterns of a project when `--with` is not given."""
    return tuple(pattern.name for pattern in all_patterns() if pattern.default)


def choose(lists: Iterable[str]) -> tuple[str, ...]:
    """The patterns that `--with` names, each once, in order.

    Args:
        lists: values of the option, each with commas: `["database,auth", "cache"]`, `["all"]`.

    Raises:
        BadInput: a value has no name, a name is not on offer, or `none` is combined with others.
    """
    known = names()
    wanted: set[str] = set()
    for value in lists:
        given = {name.strip().lower() for name in value.split(",") if name.strip()}
        if not given:  # such as an unset variable of a script
            raise BadInput(
                "`--with` needs a pattern.", "Use `none` for a project without patterns."
            )
        wanted |= given
    if "none" in wanted and len(wanted) > 1:
        raise BadInput("`none` cannot be combined with other patterns.", "Leave it out.")
    if unknown := sorted(wanted.difference(known, ("all", "none"))):
        raise BadInput(
            f"`{unknown[0]}` is not a pattern on offer.",
            f"Choose from: {', '.join([*known, 'all', 'none'])}.",
        )
    return tuple(name for name in known if name in wanted or "all" in wanted)


def with_needs(chosen: Collection[str]) -> tuple[str, ...]:
    """The patterns with all that they need, in order."""
    found = {*chosen}
    while more := {need for one in all_patterns() if one.name in found for need in one.needs}:
        if more <= found:
            break
        found |= more
    return tuple(name for name in names() if name in found)


def needs_sentences(chosen: Collection[str]) -> list[str]:
    """A sentence for each pattern that the chosen ones bring: `auth` needs `database`."""
    complete = with_needs(chosen)
    return [
        f"{listed(users)} need{'s' if len(users) == 1 else ''} `{name}`: it is included."
        for name in complete
        if name not in chosen
        and (
            users := [
                f"`{each.name}`"
                for each in all_patterns()
                if each.name in complete and name in each.needs
            ]
        )
    ]


def foundations_of(chosen: Collection[str]) -> tuple[str, ...]:
    """The names of the foundations that these patterns and extras share."""
    needed: set[str] = set()
    choices = (choice for pattern in all_patterns() for choice in all_choices(pattern))
    extras = read_folders(templates() / "extras", "extra.toml")
    for one in (*all_patterns(), *choices, *extras):
        if one.name in chosen:
            needed.update(one.foundations)
            needed.update(*(part.foundations for part in one.contributions(chosen)))
    return tuple(each.name for each in all_foundations() if each.name in needed)


def contributors(chosen: Collection[str]) -> list[Pattern]:
    """The patterns of a project, their choices and their foundations, in order."""
    present = {*chosen, *foundations_of(chosen)}
    choices = (choice for pattern in all_patterns() for choice in all_choices(pattern))
    every = (*all_patterns(), *choices, *all_foundations())
    return sorted((one for one in every if one.name in present), key=lambda one: one.order)


@cache
def read_folders(folder: Path, description: str) -> tuple[Pattern, ...]:
    """Those that the folders below one describe, in order."""
    paths = [each / description for each in entries(folder)]
    found = [_pattern(path) for path in paths if is_template(path)]
    return tuple(sorted(found, key=lambda pattern: pattern.order))


def _pattern(path: Path) -> Pattern:
    table: dict[str, Any] = tomllib.loads(read_text(path))
    meetings = {
        frozenset(others.split("_")): Contribution.parse(rows)
        for others, rows in table.pop("with", {}).items()
    }
    contributes = Contribution.parse(table.pop("contributes", {}))
    values: dict[str, Any] = {
        key: tuple(each) if isinstance(each, list) else each for key, each in table.items()
    }
    return Pattern(
        name=path.parent.name,
        folder=path.parent,
        contributes=contributes,
        meetings=meetings,
        **values,
    )
