"""The files of a resource, rendered by the rows of a manifest.

The same templates serve every combination of patterns. The manifest has the differences: which
files there are, and the values of variables.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen import codemods
from fastgen.changes import Change
from fastgen.errors import Refused
from fastgen.migrations import revisions
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.rendering.layout import lay_out
from fastgen.rendering.template_renderer import render_template
from fastgen.resources.conflicts import check_free, check_names
from fastgen.resources.manifest import Manifest, Row
from fastgen.resources.project_files import FilesOnDisk
from fastgen.resources.references import operations_before
from fastgen.resources.template_values import template_values
from fastgen.source_files import read_source

ROUTERS = "app/api/v1/router.py"
"""The project's list of resources."""


@dataclass(frozen=True, slots=True)
class ResourceFiles:
    """The files of a resource, and the routers to include."""

    files: list[Change]
    routers: list[dict[str, str]]

    @property
    def paths(self) -> list[str]:
        return [file.path for file in self.files]


def add_router(
    root: Path,
    patterns: Collection[str],
    operation: Operation,
    before: Sequence[Operation] = (),
) -> list[Change]:
    """Plan the changes that add a resource to the project in `root`.

    Args:
        root: the project.
        patterns: of the project.
        operation: the resource.
        before: earlier operations; references resolve to their resources.

    Raises:
        BadInput: its name or one of its fields is not possible.
        Refused: it conflicts with a file, or the list of routers cannot be edited.
    """
    made = make_resource_files(operation, patterns, before, _revision(root, operation))
    check_free(FilesOnDisk(root), operation, made.paths)
    check_names(operation, before, patterns)
    source = read_source(root, ROUTERS)
    return [*made.files, Change(ROUTERS, with_routers(source, made.routers))]


def make_resource_files(
    operation: Operation,
    patterns: Collection[str],
    before: Sequence[Operation],
    revision: revisions.Revision,
) -> ResourceFiles:
    """Render the files and routers of a resource, without a look at the project.

    Raises:
        BadInput: its name or one of its fields is not possible.
    """
    manifest = Manifest.of(operation, patterns)
    values = {**template_values(operation, manifest, patterns, before), **revision.literals()}
    return ResourceFiles(
        [_file(row, values) for row in manifest.files],
        [dict(row.filled(values).values) for row in manifest.routers],
    )


def _file(row: Row, values: dict[str, Any]) -> Change:
    text = lay_out(render_template(row.template, values))
    return Change(row.values["destination"].format_map(values), text)


def _revision(root: Path, operation: Operation) -> revisions.Revision:
    return revisions.next_revision(root, operation.revision_id)


def with_routers(source: str, routers: Sequence[dict[str, str]]) -> str:
    """The project's own list of routers, with these included.

    Raises:
        Refused: the list cannot be edited.
    """
    for router in routers:
        outcome = codemods.include_router(
            source,
            module=router["module"],
            prefix=router["prefix"],
            tag=router["tag"],
            together=[each["module"] for each in routers],
        )
        match outcome:
            case codemods.Edited(text):
                source = text
            case codemods.CannotEdit(reason, paste):
                raise Refused(
                    f"`{ROUTERS}` cannot be edited: {reason}.",
                    f"Add these lines, then run the command again:\n{paste}",
                )
            case codemods.AlreadyThere():
                pass
    return source


def made_before(state: State, operation: Operation) -> list[str]:
    """The paths of the files of a recorded operation, except its revision, which may be gone."""
    before = operations_before(state.operations, operation)
    unplaced = revisions.Revision(operation.revision_id, None)
    made = make_resource_files(operation, state.parts, before, unplaced)
    return [path for path in made.paths if not path.startswith(revisions.FOLDER)]
