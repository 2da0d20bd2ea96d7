"""Renders the project of a choice: the bytes that `fastgen new` and `add router` would write."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from fastgen.planning.plan_add import plan_addition
from fastgen.planning.project_tree import project_tree
from fastgen.project import patterns
from fastgen.project.state import State
from fastgen.project.state_files import state_files
from fastgen.rendering.project_renderer import project_templates
from fastgen.rendering.template_folder import templates
from fastgen.transaction import write
from fastgen.web.faults import Faults
from fastgen.web.project_choice import Choice


class TooSlow(Exception):
    """The time for rendering a project is over."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a project, and what it belongs to."""

    content: bytes
    pattern: str | None = None
    """The pattern that brings it, if one does."""
    addition: str = ""
    """The extra or the router that it was added with, such as `router orders`."""

    @property
    def checksum(self) -> str:
        return f"{crc32(self.content):08x}"


@dataclass(frozen=True, slots=True)
class Project:
    """The files of a project, by their paths."""

    files: Mapping[str, File]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(file.content) for file in self.files.values())


def render(choice: Choice, deadline: float, now: Callable[[], float] = time.monotonic) -> Project:
    """Render a project without a look at the disk, except for a temporary folder.

    Raises:
        BadChoice: a router conflicts with the project.
        TooSlow: the deadline has passed.
    """
    origins = _origins(choice)
    tree = project_tree(choice.state) | _state(choice.state)
    files = {path: File(content, *origins.get(path, ())) for path, content in tree.items()}
    if choice.routers:
        with TemporaryDirectory(prefix="fastgen-") as folder:
            write(Path(folder), tree)
            _add_routers(Path(folder), files, choice, deadline, now)
    return Project(dict(sorted(files.items())))


def _add_routers(
    root: Path,
    files: dict[str, File],
    choice: Choice,
    deadline: float,
    now: Callable[[], float],
) -> None:
    """Plan each router as the command does, which looks for conflicts in a folder."""
    faults, state = Faults(), choice.state
    for index, router in enumerate(choice.routers):
        if now() > deadline:
            raise TooSlow
        plan = faults.check(("router", index), None, plan_addition, root, state, router)
        if plan is not None:
            changed = {one.path: (one.text or "").encode() for one in plan.changes}
            write(root, changed)
            files |= _with_addition(changed, files, f"router {router.name}")
            state = state.with_operation(router)
    faults.end()


def _with_addition(
    changed: Mapping[str, bytes], files: Mapping[str, File], addition: str
) -> dict[str, File]:
    return {
        path: replace(files[path], content=content)
        if path in files
        else File(content, addition=addition)
        for path, content in changed.items()
    }


def _state(state: State) -> dict[str, bytes]:
    return {path: text.encode() for path, text in state_files(state).items()}


def _origins(choice: Choice) -> dict[str, tuple[str | None, str]]:
    """The pattern, or the extra, of each file that one brings; foundations belong to patterns."""
    chosen = choice.answers.patterns
    owners = {
        foundation: pattern.name
        for pattern in reversed(patterns.all_patterns())
        if pattern.name in chosen
        for foundation in pattern.foundations
    }
    found: dict[str, tuple[str | None, str]] = {}
    for path, template in project_templates(chosen, choice.extras).items():
        match template.relative_to(templates()).parts:
            case ("patterns", name, *_):
                found[path] = name, ""
            case ("foundations", name, *_):
                found[path] = owners.get(name), ""
            case ("extras", name, *_):
                found[path] = None, f"extra {name}"
    return found
