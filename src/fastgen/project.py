"""What a project is made of: the request for a new one, and what its state file remembers."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastgen.errors import NotAProject
from fastgen.quoting import toml

STATE_FILE = ".fastgen.toml"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a project was asked for; with the version of the templates it decides every byte."""

    name: str
    title: str
    description: str
    author: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that was added to a project, so that it can be replayed on a fresh render."""

    kind: str
    """`router` or `middleware`."""
    name: str
    options: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def text(self, option: str, default: str = "") -> str:
        """An option that is one text."""
        value = self.options.get(option, default)
        return value if isinstance(value, str) else default

    @property
    def id(self) -> str:
        """The same for the same operation, in every project."""
        parts = json.dumps([self.kind, self.name, dict(self.options)], sort_keys=True)
        return hashlib.sha256(parts.encode()).hexdigest()[:12]


EXAMPLES = (
    Operation(
        "router",
        "items",
        {
            "fields": (
                "name:str:min=1:max=80:not=admin|root",
                "description:text:max=500:optional",
                "price:decimal:min=0",
                "status:enum(draft|active):default=draft",
            )
        },
    ),
    Operation("router", "feedback", {"template": "feedback"}),
)
"""What a new project shows: the same as `fastgen add router` would give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A request for a new project, checked and complete."""

    answers: Answers
    target: Path
    """Where it goes: a folder that is not there yet, or is empty."""
    operations: tuple[Operation, ...] = EXAMPLES
    git: bool = True
    install: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What the state file of a project says."""

    version: str
    answers: Answers
    operations: tuple[Operation, ...]


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
    if document.get("schema") != SCHEMA:
        raise NotAProject(
            f"`{path}` was written by another version of fastgen.", "Install that version."
        )
    try:
        answers = dict(document["answers"])
        state = State(
            version=document["fastgen"],
            answers=Answers(**{**answers, "patterns": tuple(answers["patterns"])}),
            operations=tuple(_operation(table) for table in document.get("operations", [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
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
    return operation


def _damaged(path: Path, reason: str) -> NotAProject:
    return NotAProject(f"`{path}` is damaged: {reason}.", "Restore it from version control.")


def _value(value: str | tuple[str, ...]) -> str:
    return toml(value) if isinstance(value, str) else _array(value)


def _array(values: tuple[str, ...]) -> str:
    line = f"[{', '.join(map(toml, values))}]"
    return line if len(line) < 80 else "\n".join(["[", *(f"    {toml(v)}," for v in values), "]"])
