"""The variables of the templates of a resource."""

from collections.abc import Collection, Sequence
from typing import Any

from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.fields.model import Field
from fastgen.resources.import_lines import import_lines
from fastgen.resources.manifest import Manifest
from fastgen.resources.references import Parent, ancestors_of, parents_of
from fastgen.resources.resource_fields import resource_fields

MAX_ERRORS = 20
"""The errors that a response of the project names; one more says how many others there are."""


def template_values(
    operation: Operation,
    manifest: Manifest,
    patterns: Collection[str],
    before: Sequence[Operation],
) -> dict[str, Any]:
    """The variables of the templates; those of a resource without fields have none."""
    if "fields" not in operation.options:
        return {}
    name = ResourceName.of(operation.name, operation.text("singular"))
    fields = resource_fields(operation, name.model)
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
        "search_fields": [field.name for field in fields if field.is_text],
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
