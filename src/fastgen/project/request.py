"""The request for a project: the answers, and what they are rendered into."""

from dataclasses import dataclass
from pathlib import Path

from fastgen.project.operations import EXAMPLES, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a project was asked for; with the version of the templates it decides every byte."""

    name: str
    title: str
    description: str
    author: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A request for a new project, checked and complete."""

    answers: Answers
    target: Path
    """Where it goes: a folder that is not there yet, or is empty."""
    operations: tuple[Operation, ...] = EXAMPLES
    git: bool = True
    install: bool = False
