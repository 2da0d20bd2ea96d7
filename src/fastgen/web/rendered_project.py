"""Renders the project of a choice: the bytes that `fastgen new` and `add router` would write."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zlib import crc32

from fastgen.migrations.revisions import Revision, head, revisions_of
from fastgen.planning.project_tree import Tree, project_tree, revision_files
from fastgen.project import patterns
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.project.state_files import state_files
from fastgen.rendering.project_renderer import project_templates
from fastgen.rendering.template_folder import templates
from fastgen.resources.conflicts import check_free, check_names
from fastgen.resources.project_files import FilesInMemory
from fastgen.resources.resource_files import ROUTERS, make_resource_files, with_routers
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
    """Render a project in memory.

    Raises:
        BadChoice: a router conflicts with the project.
        TooSlow: the deadline has passed.
    """
    state, faults = choice.state, Faults()
    tree = project_tree(state)
    additions: dict[str, str] = {}
    for place, router in choice.routers.items():
        if now() > deadline:
            raise TooSlow
        added = faults.check(("router", place), {}, _added, tree, state, router)
        if not added:
            break  # later routers may refer to this one
        additions |= dict.fromkeys(added.keys() - tree.keys(), f"router {router.name}")
        tree |= added
        state = state.with_operation(router)
    faults.end()
    tree |= {path: text.encode() for path, text in state_files(state).items()}
    origins = _origins(choice)
    return Project(
        {
            path: File(content, *origins.get(path, (None, additions.get(path, ""))))
            for path, content in sorted(tree.items())
        }
    )


def _added(tree: Tree, state: State, router: Operation) -> Tree:
    """The files that `add router` would write to a project with these files."""
    patterns = state.parts
    revision = Revision(router.revision_id, head(revisions_of(revision_files(tree))))
    made = make_resource_files(router, patterns, state.operations, revision)
    check_free(FilesInMemory(tree), router, made.paths)
    check_names(router, state.operations, patterns)
    routers = with_routers(tree[ROUTERS].decode(), made.routers)
    files = {file.path: (file.text or "").encode() for file in made.files}
    return {**files, ROUTERS: routers.encode()}


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
    for path, template in project_templates(choice.answers.parts, choice.extras).items():
        match template.relative_to(templates()).parts:
            case ("patterns", name, *_):
                found[path] = name, ""
            case ("foundations", name, *_):
                found[path] = owners.get(name), ""
            case ("extras", name, *_):
                found[path] = None, f"extra {name}"
    return found
