"""What a project is made of: what was asked for, and what was added to it since."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


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

    def find(self, kind: str, name: str) -> Operation | None:
        """What was added by that name, if anything."""
        found = (one for one in self.operations if (one.kind, one.name) == (kind, name))
        return next(found, None)

    def with_operation(self, operation: Operation) -> "State":
        return replace(self, operations=(*self.operations, operation))

    def without(self, operation: Operation) -> "State":
        return replace(self, operations=tuple(one for one in self.operations if one != operation))
