"""The state of a project: its answers, its overlays and its operations, read from its files.

`.fastgen.toml` holds what belongs to the whole project. Each operation is a file of its own, so
that branches which add different things merge without conflicts.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from fastgen import __version__
from fastgen.errors import NotAProject
from fastgen.project.documents import damaged, documents_in, read_document
from fastgen.project.extras import extras_of
from fastgen.project.operations import Operation
from fastgen.project.ordering import linked, ordered
from fastgen.project.request import Answers, Overlay
from fastgen.project.schema import (
    Table,
    parse_answers,
    parse_operation,
    parse_operations,
    parse_overlays,
    parse_version,
)

STATE_FILE = ".fastgen.toml"
OPERATIONS = ".fastgen/operations"
SCHEMA = 2

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class State:
    """The state of a project; its operations are in order of replay."""

    version: str
    answers: Answers
    operations: tuple[Operation, ...] = ()
    overlays: tuple[Overlay, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The names that templates are chosen by: patterns, their choices, and extras."""
        return (*self.answers.parts, *extras_of(self.operations))

    def find(self, kind: str, name: str) -> Operation | None:
        """The recorded operation of that kind and name, if there is one."""
        found = (one for one in self.operations if (one.kind, one.name) == (kind, name))
        return next(found, None)

    def with_operation(self, operation: Operation) -> "State":
        """The state with one more operation, after all others."""
        last = self.operations[-1].id if self.operations else ""
        added = replace(operation, after=last)
        return replace(self, operations=linked((*self.operations, added)))

    def without(self, operation: Operation) -> "State":
        """The state without an operation; the others keep their order."""
        gone = self.find(operation.kind, operation.name)
        left = tuple(one for one in self.operations if one is not gone)
        if gone is not None:
            left = tuple(
                replace(one, after=gone.after) if one.after == gone.id else one for one in left
            )
        return replace(self, operations=linked(left))


def find_root(start: Path) -> Path:
    """The project that a folder is in: the nearest one above it with a state file.

    Raises:
        NotAProject: there is none.
    """
    for folder in (start, *start.parents):
        if os.path.lexists(folder / STATE_FILE):
            return folder
    raise NotAProject(
        f"`{start}` is not in a project of fastgen: there is no `{STATE_FILE}`.",
        "Go to a project, or make one with `fastgen new`.",
    )


def read_state(root: Path) -> State:
    """The state of the project in `root`.

    Raises:
        NotAProject: there is no state, or fastgen would not have written it.
    """
    path = root / STATE_FILE
    try:
        document = read_document(path)
    except FileNotFoundError:
        raise NotAProject(
            f"`{root}` is not a project of fastgen: it has no `{STATE_FILE}`.",
            "Go to the root of one, or make one with `fastgen new`.",
        ) from None
    _check_version(path, document)
    operations = [
        _checked(file, parse_operation, id_, read_document(file))
        for id_, file in documents_in(root, OPERATIONS)
    ]
    return _state(path, document, _checked(root / OPERATIONS, ordered, operations))


def read_state_file(path: Path) -> State:
    """The state in one file: the content of `.fastgen.toml`, and a table `[operations.ID]` each.

    Raises:
        FileNotFoundError: there is no file.
        NotAProject: it has another content.
    """
    return parse_state(path, read_document(path))


def parse_state(path: Path, document: dict[str, Any]) -> State:
    """The state in the document of one file.

    Raises:
        NotAProject: it is another document.
    """
    if "schema" not in document:
        raise NotAProject(
            f"`{path}` does not describe a project: it has no `schema`.",
            f"Name the folder of a project, or a file like its `{STATE_FILE}`.",
        )
    _check_version(path, document)
    tables = _checked(path, parse_operations, document.pop("operations", {}))
    return _state(path, document, _checked(path, ordered, tables))


def _state(path: Path, document: Table, operations: tuple[Operation, ...]) -> State:
    return State(
        version=_checked(path, parse_version, document),
        answers=_checked(path, parse_answers, document.get("answers")),
        operations=operations,
        overlays=_checked(path, parse_overlays, document.get("overlays", [])),
    )


def _check_version(path: Path, document: Table) -> None:
    if _is_newer(document.get("fastgen")):
        raise NotAProject(
            f"`{path}` was written by a newer version of fastgen than {__version__}.",
            "Upgrade fastgen to that version.",
        )
    schema = document.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        raise NotAProject(
            f"`{path}` was written by another version of fastgen.", "Install that version."
        )


def _checked(path: Path, parse: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a function that raises ValueError for what is wrong in a file."""
    try:
        return parse(*args, **kwargs)
    except ValueError as error:
        raise damaged(path, str(error)) from None


def _is_newer(version: object) -> bool:
    return _numbers(str(version)) > _numbers(__version__)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,9}", version)[:3]]
