"""The files of a middleware, and its edits of files that the project owns."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fastgen import codemods
from fastgen.changes import ByHand, Change, Plan
from fastgen.errors import Refused
from fastgen.middleware.catalogue import Addition, find
from fastgen.project.operations import Operation
from fastgen.project.patterns import foundations_of
from fastgen.rendering.layout import lay_out
from fastgen.rendering.template_folder import read_text
from fastgen.rendering.template_renderer import render_template
from fastgen.source_files import read_source

LIST = "app/middleware/__init__.py"
SETTINGS = "app/settings.py"
ENVIRONMENT = ".env.example"
REQUIREMENTS = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of a file that the project owns, and its inverse."""

    path: str
    add: Callable[[str], codemods.EditResult]
    remove: Callable[[str], codemods.EditResult]


def add_middleware(root: Path, patterns: Collection[str], operation: Operation) -> Plan:
    """Plan to add a middleware to the project in `root`.

    Raises:
        Refused: a file is in the way, or a file of the application cannot be edited.
    """
    addition = find(operation.name)
    files = make_files(addition, patterns)
    for file in files:
        if os.path.lexists(root / file.path):
            raise Refused(f"`{file.path}` is there already.", "Choose another name, or move it.")
    read = partial(read_source, root)
    plan = edited(read, edits_of(addition, patterns), lambda edit: edit.add, "Add these lines")
    return replace(plan, changes=[*files, *plan.changes])


def make_files(addition: Addition, patterns: Collection[str]) -> list[Change]:
    """The files of a middleware in a project with these patterns."""
    has = {*patterns, *foundations_of(patterns)}
    words = addition.module.replace("_", " ")
    context = {"module": addition.module, "model": addition.name, "words": words}
    return [
        Change(row["destination"], _text(addition.folder, row["template"], context))
        for row in addition.files
        if row.get("with", "") in ("", *has) and row.get("without", "") not in has
    ]


def entry_of(addition: Addition) -> codemods.Entry:
    """The middleware as an element of the project's list."""
    return codemods.Entry(
        module=f"app.middleware.{addition.module}",
        name=addition.name,
        code=addition.entry,
        order=addition.order,
        imports=["from starlette.middleware import Middleware", *addition.imports],
    )


def edits_of(addition: Addition, patterns: Collection[str]) -> list[Edit]:
    """Its edits of the files of the project."""
    entry = entry_of(addition)
    edits = [
        Edit(
            LIST,
            lambda text: codemods.add_middleware(text, entry),
            lambda text: codemods.remove_middleware(text, entry),
        )
    ]
    if lines := addition.settings:
        imports = addition.settings_imports
        edits += [
            Edit(
                SETTINGS,
                lambda text: codemods.add_settings(text, lines, imports),
                lambda text: codemods.remove_settings(text, lines, imports),
            ),
            Edit(
                ENVIRONMENT,
                lambda text: codemods.add_environment(text, addition.environment),
                lambda text: codemods.remove_environment(text, addition.environment),
            ),
        ]
    if addition.foundation not in foundations_of(patterns):
        edits += [_requirement(each) for each in addition.requirements]
    return edits


def edited(
    read: Callable[[str], str],
    edits: Collection[Edit],
    way: Callable[[Edit], Callable[[str], codemods.EditResult]],
    do: str,
) -> Plan:
    """The files of the project after the edits, each once; requirements may be left to the user.

    Raises:
        Refused: an edit cannot be made; the hint has the lines to add or to take out by hand.
    """
    texts: dict[str, str] = {}
    changed: set[str] = set()
    by_hand: list[ByHand] = []
    for edit in edits:
        text = texts.get(edit.path)
        text = read(edit.path) if text is None else text
        match way(edit)(text):
            case codemods.Edited(after):
                text = after
                changed.add(edit.path)
            case codemods.CannotEdit(reason, paste, can_wait=True):
                by_hand.append(ByHand(edit.path, reason, paste))
            case codemods.CannotEdit(reason, paste):
                raise Refused(
                    f"`{edit.path}` cannot be edited: {reason}.",
                    f"{do}, then run the command again:\n{paste}",
                )
            case codemods.AlreadyThere():
                pass
        texts[edit.path] = text
    changes = [Change(path, text) for path, text in texts.items() if path in changed]
    return Plan(changes, by_hand=by_hand)


def _requirement(requirement: str) -> Edit:
    return Edit(
        REQUIREMENTS,
        lambda text: codemods.add_requirement(text, requirement),
        lambda text: codemods.remove_requirement(text, requirement),
    )


def _text(folder: Path, template: str, context: Mapping[str, str]) -> str:
    if template.endswith(".jinja"):
        return lay_out(render_template(folder / template, context))
    return read_text(folder / template)
