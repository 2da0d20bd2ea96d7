"""The extras as data: a folder of templates each, described by its `extra.toml`."""

from collections.abc import Collection, Iterable

from fastgen.errors import BadInput, Refused
from fastgen.project.operations import Operation
from fastgen.project.patterns import Pattern, read_folders
from fastgen.rendering.template_folder import templates

ASKED = ("metrics", "tracing", "sentry", "kubernetes")
"""Those that the dialogue of `fastgen new` offers; they fit every project."""


def all_extras() -> tuple[Pattern, ...]:
    """The extras on offer, in order."""
    return read_folders(templates() / "extras", "extra.toml")


def names() -> tuple[str, ...]:
    """The names of the extras on offer, in order."""
    return tuple(extra.name for extra in all_extras())


def choose(texts: Iterable[str]) -> tuple[str, ...]:
    """The extras with these names, each once, in order.

    Raises:
        BadInput: one is not on offer.
    """
    wanted = {text.strip().lower().replace("_", "-") for text in texts}
    if unknown := sorted(wanted.difference(names())):
        raise BadInput(
            f"`{unknown[0][:40]}` is not an extra on offer.", f"Choose from: {', '.join(names())}."
        )
    return tuple(name for name in names() if name in wanted)


def check_needs(extras: Collection[str], patterns: Collection[str]) -> None:
    """Make sure that a project with these patterns can have the extras.

    Raises:
        Refused: one needs a pattern that is not there.
    """
    for extra in all_extras():
        if extra.name in extras and (missing := [*{*extra.needs}.difference(patterns)]):
            raise Refused(
                f"The extra `{extra.name}` needs the pattern `{missing[0]}`.",
                f"First run `fastgen add pattern {missing[0]}`; a new project has it by "
                f"`--with {missing[0]}`.",
            )


def extras_of(operations: Iterable[Operation]) -> tuple[str, ...]:
    """The extras that operations have added, in order."""
    added = {one.name for one in operations if one.kind == "extra"}
    return tuple(name for name in names() if name in added)
