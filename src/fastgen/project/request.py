"""The request for a project: the answers, and what they are rendered into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastgen.project.operations import EXAMPLES, Operation

OverlayAnswer = str | bool | int | float | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of the user; with the version of the templates they decide every byte."""

    name: str
    title: str
    description: str
    author: str
    patterns: tuple[str, ...]
    queue: str = ""
    """The choice for the pattern `queue`; empty without it."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The patterns, and what was chosen for them: the names that templates are chosen by."""
        return (*self.patterns, *filter(None, [self.queue]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A Copier template that is rendered on top of the project."""

    source: str
    """A git URL, or a folder relative to the project."""
    ref: str = ""
    """The branch, tag or commit that was asked for."""
    commit: str
    """The resolved commit; the hash of the content of a folder."""
    answers: Mapping[str, OverlayAnswer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayOptions:
    """The overlays of a new project, as they were asked for."""

    sources: tuple[str, ...] = ()
    """`SOURCE[@REF]`, in the order of rendering."""
    recorded: tuple[Overlay, ...] = ()
    """The overlays of a project that is made again, instead of `sources`."""
    base: Path = Path()
    """The folder that relative paths of recorded overlays start from."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Answers to the questions of the overlays, as they were typed."""
    replaces: tuple[str, ...] = ()
    """Paths and globs of files that the overlays may replace."""
    trust: bool = False
    """Whether tasks, migrations and Jinja extensions of the overlays may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """A request for a new project, checked and complete."""

    answers: Answers
    target: Path
    """Folder of the project: it does not exist yet, or it is empty."""
    operations: tuple[Operation, ...] = EXAMPLES
    git: bool = True
    install: bool = False
    overlays: OverlayOptions = field(default_factory=OverlayOptions)
