"""The files of a resource: rendered by a table, with what its fields make of it.

The same templates serve every combination of patterns. What differs between combinations is in the
table: which files there are, and the values that it hands over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen import codemods
from fastgen.changes import Change
from fastgen.errors import BadInput, Refused
from fastgen.migrations import revisions
from fastgen.naming import ResourceName
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.rendering.template_renderer import render
from fastgen.resources.conflicts import check_free
from fastgen.resources.fields import parser
from fastgen.resources.fields.model import Field
from fastgen.resources.import_lines import import_lines
from fastgen.resources.manifest import Blueprint, Row
from fastgen.resources.references import lineage, parents_of
from fastgen.source_files import read_source

ROUTERS = "app/api/v1/router.py"
"""Where a project lists its resources."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A resource in a project: its files, and the routers that are to be included."""

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
    """What adding a resource changes in the project in `root`. Nothing is written.

    Args:
        root: the project.
        patterns: those that it has.
        operation: what is to be added.
        before: what was added already; a reference finds its resource there.

    Raises:
        BadInput: its name or one of its fields is not possible.
        Refused: a file is in the way, or there is no telling how to make the resource known.
    """
    made = make_slice(operation, patterns, before, _revision(root, operation))
    check_free(root, operation, made.paths)
    return [*made.files, _register(root, made.routers)]


def make_slice(
    operation: Operation,
    patterns: Collection[str],
    before: Sequence[Operation],
    revision: revisions.Revision,
) -> Slice:
    """The files and routers of a resource, whatever there is in the project.

    Raises:
        BadInput: its name or one of its fields is not possible.
    """
    blueprint = Blueprint.of(operation, patterns)
    context = {**_context(operation, blueprint, patterns, before), **revision.literals()}

    def filled(row: Row) -> dict[str, str]:
        return {key: value.format_map(context) for key, value in row.items() if key != "owned"}

    return Slice(
        [_file(blueprint, row, context) for row in blueprint.files],
        [filled(router) for router in blueprint.routers],
    )


def _file(blueprint: Blueprint, row: Row, context: dict[str, Any]) -> Change:
    text = render(blueprint.folder, row["template"], context)
    return Change(row["destination"].format_map(context), text)


def _revision(root: Path, operation: Operation) -> revisions.Revision:
    return revisions.next_revision(root, operation.id)


def _context(
    operation: Operation,
    blueprint: Blueprint,
    patterns: Collection[str],
    before: Sequence[Operation],
) -> dict[str, Any]:
    """What the templates may use; a resource without fields needs nothing."""
    if "fields" not in operation.options:
        return {}
    name = ResourceName.of(operation.name, operation.text("singular"))
    fields = _fields(operation, name.model)
    handed = blueprint.handed(name)
    parents = parents_of(name, fields, before, patterns)
    ancestors = lineage(name, fields, before, patterns)
    sortable = [field.name for field in fields if field.is_sortable] + ["created_at", "id"]
    return {
        **name.forms(),
        "path": f"/{{{name.singular}_id}}",
        "words": name.plural.replace("_", " "),
        "word": name.singular.replace("_", " "),
        "fields": fields,
        "filters": [field for field in fields if field.is_filter],
        "searched": [field.name for field in fields if field.is_text],
        "found": [field for field in fields if _is_told_apart(field, fields)],
        "sorts": [f'"{sign}{field}"' for field in sortable for sign in ("", "-")],
        "changeable": [field for field in fields if field.samples[0] != field.samples[1]],
        "numbered": any(field.is_unique and field.is_sent for field in fields),
        "parents": parents,
        "models": {parent.name.plural: parent.name.model for parent in parents},
        "lineage": ancestors,
        "further_storages": _further([parent.storage for parent in parents], handed["storage"]),
        "further_units": _further([each.unit for each in ancestors], handed["unit"]),
        "imports": import_lines(
            name, fields, [*handed["row_columns"]], sorted(p.model_import for p in parents)
        ),
        **handed,
    }


def _further(names: Sequence[str], own: object) -> list[str]:
    """What those that it refers to need, besides its own."""
    return sorted({*names} - {str(own)})


def _fields(operation: Operation, model: str) -> list[Field]:
    parsed = [parser.parse(text, model) for text in operation.options["fields"]]
    names = [field.name for field in parsed]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"There are two fields called `{twice[0]}`.", "Rename one of them.")
    if not any(field.samples[0] != field.samples[1] for field in parsed):
        raise BadInput("There is no field that could have two values.", "Give one.")
    return parsed


def _is_told_apart(field: Field, fields: Sequence[Field]) -> bool:
    """Whether a search for its second sample finds no row that has the first ones."""
    first, second = (sample.strip("\"'").lower() for sample in field.samples)
    others = [other.samples[0].lower() for other in fields if other is not field and other.is_text]
    return field.is_text and second not in first and not any(second in text for text in others)


def _register(root: Path, routers: Sequence[dict[str, str]]) -> Change:
    """Include the routers in the project's own list of them."""
    source = read_source(root, ROUTERS)
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
    return Change(ROUTERS, source)


def made_before(state: State, operation: Operation) -> list[str]:
    """The paths that a recorded operation has made, but for its revision, which may be gone."""
    position = state.operations.index(operation)
    nowhere = revisions.Revision(operation.id, None)
    made = make_slice(operation, state.answers.patterns, state.operations[:position], nowhere)
    return [path for path in made.paths if not path.startswith(revisions.FOLDER)]
