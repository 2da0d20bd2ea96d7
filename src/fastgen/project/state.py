"""The state file of a project: what fastgen knows of it, written and read back."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastgen import __version__
from fastgen.errors import NotAProject
from fastgen.project import patterns
from fastgen.project.operations import Operation
from fastgen.project.request import Answers
from fastgen.rendering.quoting import toml

STATE_FILE = ".fastgen.toml"
SCHEMA = 1
TEXTS = ("name", "title", "description", "author")


@dataclass(frozen=True, slots=True)
class State:
    """What the state file of a project says."""

    version: str
    answers: Answers
    operations: tuple[Operation, ...]

    def find(self, kind: str, name: str) -> Operation | None:
        """What was added by that name, if anything."""
        found = (one for one in self.operations if (one.kind, one.name) == (kind, name))
        return next(found, None)

    def with_operation(self, operation: Operation) -> "State":
        return replace(self, operations=(*self.operations, operation))

    def without(self, operation: Operation) -> "State":
        return replace(self, operations=tuple(one for one in self.operations if one != operation))


_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def write_state(state: State) -> str:
    """The text of the state file: no date, no secret, no path of this machine."""
    answers = state.answers
    lines = [
        "# What fastgen knows of this project, to extend it and to bring it up to date.",
        f"schema = {SCHEMA}",
        f"fastgen = {toml(state.version)}",
        "",
        "[answers]",
        f"name = {toml(answers.name)}",
        f"title = {toml(answers.title)}",
        f"description = {toml(answers.description)}",
        f"author = {toml(answers.author)}",
        f"patterns = {_array(answers.patterns)}",
    ]
    for operation in state.operations:
        options = (f"{name} = {_value(value)}" for name, value in operation.options.items())
        lines += [
            "",
            "[[operations]]",
            f"id = {toml(operation.id)}",
            f"kind = {toml(operation.kind)}",
            f"name = {toml(operation.name)}",
            *options,
        ]
    return "\n".join([*lines, ""])


def find_root(start: Path) -> Path:
    """The project that a folder is in: the nearest one above it with a state file.

    Raises:
        NotAProject: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / STATE_FILE).is_file():
            return folder
    raise NotAProject(
        f"`{start}` is not in a project of fastgen: there is no `{STATE_FILE}`.",
        "Go to a project, or make one with `fastgen new`.",
    )


def read_state(root: Path) -> State:
    """What the state file in `root` says.

    Raises:
        NotAProject: there is none, or it is not what fastgen writes.
    """
    path = root / STATE_FILE
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotAProject(
            f"`{root}` is not a project of fastgen: it has no `{STATE_FILE}`.",
            "Go to the root of one, or make one with `fastgen new`.",
        ) from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise _damaged(path, str(error)) from None
    if document.get("schema") != SCHEMA or _is_newer(document.get("fastgen")):
        raise NotAProject(
            f"`{path}` was written by another version of fastgen.", "Install that version."
        )
    try:
        return _state(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None


def _is_newer(version: object) -> bool:
    return _numbers(str(version)) > _numbers(__version__)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,9}", version)[:3]]


def _state(document: Mapping[str, Any]) -> State:
    """Raises KeyError, TypeError or ValueError for whatever fastgen would not have written."""
    answers = dict(document["answers"])
    if not {*patterns.names()}.issuperset(answers["patterns"]):
        raise ValueError("a pattern is not known")
    operations = tuple(_operation(table) for table in document.get("operations", []))
    if len({(one.kind, one.name) for one in operations}) < len(operations):
        raise ValueError("something was added twice")
    state = State(
        version=document["fastgen"],
        answers=Answers(**{**answers, "patterns": tuple(answers["patterns"])}),
        operations=operations,
    )
    texts = (state.version, *(getattr(state.answers, name) for name in TEXTS))
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("an answer is not a text")
    return state


def _operation(table: Mapping[str, Any]) -> Operation:
    options = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in table.items()
        if name not in ("id", "kind", "name")
    }
    operation = Operation(table["kind"], table["name"], options)
    if operation.id != table["id"]:
        raise ValueError(f"the operation `{operation.name}` is not the one that was recorded")
    if operation.kind not in ("router", "middleware") or not _NAME.fullmatch(operation.name):
        raise ValueError(f"the operation `{operation.name}` cannot have been recorded")
    return operation


def _damaged(path: Path, reason: str) -> NotAProject:
    return NotAProject(f"`{path}` is damaged: {reason}.", "Restore it from version control.")


def _value(value: str | tuple[str, ...]) -> str:
    return toml(value) if isinstance(value, str) else _array(value)


def _array(values: tuple[str, ...]) -> str:
    line = f"[{', '.join(map(toml, values))}]"
    return line if len(line) < 80 else "\n".join(["[", *(f"    {toml(v)}," for v in values), "]"])
