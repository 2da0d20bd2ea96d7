"""The fields of a resource, and the rules for them together."""

from collections.abc import Sequence

from fastgen.errors import BadInput
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.fields import parser
from fastgen.resources.fields.model import Field


def check_resource(operation: Operation) -> None:
    """Check the name and the fields of a resource, without its references.

    Raises:
        BadInput: one of them is not possible.
    """
    name = ResourceName.of(operation.name, operation.text("singular"))
    resource_fields(operation, name.model)


def resource_fields(operation: Operation, model: str) -> list[Field]:
    """The fields of a resource, whose class is `model`.

    Raises:
        BadInput: one of them is not possible, or two do not go together.
    """
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
