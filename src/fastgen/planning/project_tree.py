"""The files of a project as its state describes them, for a project that nobody has edited."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from fastgen.middleware.catalogue import find
from fastgen.middleware.edits import (
    ENVIRONMENT,
    LIST,
    REQUIREMENTS,
    SETTINGS,
    edited,
    edits_of,
    make_files,
)
from fastgen.migrations.revisions import FOLDER, Revision, head, revisions_of
from fastgen.project.extras import extras_of
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.rendering.project_renderer import render_project
from fastgen.resources.complete import complete, in_order_of_references
from fastgen.resources.conflicts import check_free, check_names
from fastgen.resources.project_files import FilesInMemory
from fastgen.resources.resource_files import ROUTERS, make_resource_files, with_routers

Tree = dict[str, bytes]

SHARED = {ENVIRONMENT, LIST, REQUIREMENTS, ROUTERS, SETTINGS}
"""Files that operations edit."""


def project_tree(state: State, *, is_new: bool = False) -> Tree:
    """The content of each file, by its path; without the files of the state itself.

    The same state gives the same bytes. Overlays are not rendered.

    Args:
        state: the state of the project.
        is_new: whether no command has checked yet that the operations fit each other.

    Raises:
        BadInput: an operation has a name or a field that is not possible.
        Refused: a new operation would take a file or a name of another one.
    """
    operations = complete(state.operations)
    patterns = state.parts
    tree = render_project(
        state.answers,
        extras_of(operations),
        has_resources=any(one.kind == "router" for one in operations),
    )
    places = _revisions(tree, state.operations, operations)
    for one in operations:
        if one.kind == "middleware":
            made = _middleware(tree, patterns, one)
        elif one.kind == "router":
            made = _resource(tree, patterns, one, operations, places[one.id])
        else:
            continue
        if is_new:
            check_free(FilesInMemory(tree), one, [*made.keys() - SHARED])
            check_names(one, operations[: operations.index(one)], patterns)
        tree |= made
    return tree


def revision_files(tree: Mapping[str, bytes]) -> Tree:
    """The migrations among the files of a project."""
    return {
        path: content
        for path, content in tree.items()
        if path.startswith(f"{FOLDER}/") and path.endswith(".py")
    }


def _middleware(tree: Tree, patterns: Collection[str], operation: Operation) -> Tree:
    addition = find(operation.name)
    plan = edited(partial(_text, tree), edits_of(addition, patterns), lambda edit: edit.add, "Add")
    changes = [*make_files(addition, patterns), *plan.changes]
    return {each.path: (each.text or "").encode() for each in changes}


def _resource(
    tree: Tree,
    patterns: Collection[str],
    operation: Operation,
    every: Sequence[Operation],
    revision: Revision,
) -> Tree:
    others = [one for one in every if one is not operation]
    made = make_resource_files(operation, patterns, others, revision)
    routers = with_routers(_text(tree, ROUTERS), made.routers)
    files = {file.path: (file.text or "").encode() for file in made.files}
    return {**files, ROUTERS: routers.encode()}


def _revisions(
    tree: Tree, recorded: Sequence[Operation], operations: Sequence[Operation]
) -> dict[str, Revision]:
    """The revision of each resource: behind those that its table refers to."""
    ids = {one.id: one.revision_id for one in recorded}
    last = head(revisions_of(revision_files(tree)))
    places: dict[str, Revision] = {}
    for one in in_order_of_references(operations):
        places[one.id] = Revision(ids[one.id], last)
        if one.kind == "router" and "fields" in one.options:
            last = ids[one.id]
    return places


def _text(tree: Mapping[str, bytes], path: str) -> str:
    return tree[path].decode("utf-8")
