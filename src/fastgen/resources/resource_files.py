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
from fastgen.errors import BadInput, Refused
from fastgen.migrations import revisions
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.rendering.layout import lay_out
from fastgen.rendering.template_renderer import render_template
from fastgen.resources.conflicts import check_free
from fastgen.resources.fields import parser
from fastgen.resources.fields.model import Field
from fastgen.resources.import_lines import import_lines
from fastgen.resources.manifest import Manifest, Row
from fastgen.resources.project_files import FilesOnDisk
from fastgen.resources.references import (
    Parent,
    ancestors_of,
    operations_before,
    parents_of,
)
from fastgen.source_files import read_source

ROUTERS = "app/api/v1/router.py"
"""The project's list of resources."""
MAX_ERRORS = 20
"""The errors that a response of the project names; one more says how many others there are."""


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
    values = {**_template_values(operation, manifest, patterns, before), **revision.literals()}
    return ResourceFiles(
        [_file(row, values) for row in manifest.files],
        [dict(row.filled(values).values) for row in manifest.routers],
    )


def check_resource(operation: Operation) -> None:
    """Check the name and the fields of a resource, without its references.

    Raises:
        BadInput: one of them is not possible.
    """
    name = ResourceName.of(operation.name, operation.text("singular"))
    _fields(operation, name.model)


def _file(row: Row, values: dict[str, Any]) -> Change:
    text = lay_out(render_template(row.template, values))
    return Change(row.values["destination"].format_map(values), text)


def _revision(root: Path, operation: Operation) -> revisions.Revision:
    return revisions.next_revision(root, operation.revision_id)


def _template_values(
    operation: Operation,
    manifest: Manifest,
    patterns: Collection[str],
    before: Sequence[Operation],
) -> dict[str, Any]:
    """The variables of the templates; those of a resource without fields have none."""
    if "fields" not in operation.options:
        return {}
    name = ResourceName.of(operation.name, operation.text("singular"))
    fields = _fields(operation, name.model)
    from_manifest = manifest.template_values(name)
    parents = parents_of(name, fields, before, patterns)
    ancestors = ancestors_of(name, fields, before, patterns)
    sortable = [field.name for field in fields if field.is_sortable] + ["created_at", "id"]
    return {
        **name.forms(),
        "path": f"/{{{name.singular}_id}}",
        "words": name.plural.replace("_", " "),
        "word": name.singular.replace("_", " "),
        "fields": fields,
        "decimals": [field for field in fields if field.type == "decimal"],
        "filters": [each for field in fields for each in field.filters],
        "searched": [field.name for field in fields if field.is_text],
        "named": _named_when_missing(fields),
        "found": [field for field in fields if _is_distinct(field, fields)],
        "sorts": [f'"{sign}{field}"' for field in sortable for sign in ("", "-")],
        "changeable": [
            field for field in fields if field.in_tests.samples[0] != field.in_tests.samples[1]
        ],
        "numbered": any(field.is_unique and field.is_sent for field in fields),
        "parents": parents,
        "models": {parent.name.plural: parent.name.model for parent in parents},
        "lineage": ancestors,
        "scopes": _distinct(from_manifest["scope"], [parent.scope for parent in parents]),
        "scope_fixtures": _distinct(
            from_manifest["scope_fixture"], [each.scope_fixture for each in ancestors]
        ),
        "relationships": _relationships(fields, parents),
        "imports": import_lines(
            name,
            fields,
            [*from_manifest["row_columns"]],
            [*from_manifest["model_columns"], *from_manifest["table_parts"]],
            sorted(parent.model_import for parent in parents),
        ),
        **from_manifest,
    }


def _distinct(own: object, others: Sequence[str]) -> list[str]:
    """The names that are not empty, the resource's own first."""
    return list(dict.fromkeys(filter(None, [str(own), *sorted(others)])))


def _relationships(fields: Sequence[Field], parents: Sequence[Parent]) -> list[str]:
    """The relationships of a model, one for each reference."""
    models = {parent.name.plural: parent.name.model for parent in parents}
    references = [field for field in fields if field.target]
    lines = []
    for field in references:
        model = models[field.target]
        nothing = " | None" if field.is_optional else ""
        # Two references to the same model: each relationship names its column.
        is_ambiguous = sum(other.target == field.target for other in references) > 1
        column = f", foreign_keys={field.name}" if is_ambiguous else ""
        lines.append(
            f"{field.relationship_name}: Mapped[{model}{nothing}] = "
            f'relationship(lazy="raise"{column})'
        )
    return lines


def _fields(operation: Operation, model: str) -> list[Field]:
    parsed = [parser.parse(text, model) for text in operation.options["fields"]]
    names = [field.name for field in parsed]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"There are two fields called `{twice[0]}`.", "Rename one of them.")
    _check_distinct(parsed)
    if not any(field.in_tests.samples[0] != field.in_tests.samples[1] for field in parsed):
        raise BadInput(
            "A resource needs a field that can have two different values.",
            "Add a field, such as `name:str`.",
        )
    return parsed


def _check_distinct(fields: Sequence[Field]) -> None:
    """Refuse fields whose names differ, but whose types, filters or relationships would not."""
    parameters = [each.name for field in fields for each in field.filters]
    if twice := [name for name in parameters if parameters.count(name) > 1]:
        raise BadInput(
            f"Two fields would both have the filter `{twice[0]}`.", "Rename one of them."
        )
    titles = [field.title for field in fields]
    for field in fields:
        if titles.count(field.title) > 1:
            raise BadInput(
                f"`{field.name}` and another field would both have the type `{field.title}`.",
                "Rename one of them.",
            )
        other = field.name.removesuffix("_id")
        if field.target and any(each.name == other for each in fields):
            raise BadInput(
                f"The reference `{field.name}` conflicts with the field `{other}`.",
                "Rename one of them.",
            )


def _named_when_missing(fields: Sequence[Field]) -> list[str]:
    """The last parts of the locations of the errors that name the required fields."""
    required = [field.name for field in fields if field.is_sent]
    return required if len(required) <= MAX_ERRORS else [*required[:MAX_ERRORS], "body"]


def _is_distinct(field: Field, fields: Sequence[Field]) -> bool:
    """Whether a search for its second sample finds no row with only first samples or defaults."""
    if not field.is_text:
        return False
    first, second = field.in_tests.sample_texts
    others = [
        (other.default or other.in_tests.sample_texts[0]).lower()
        for other in fields
        if other is not field and other.is_text
    ]
    return second not in first and not any(second in text for text in others)


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
