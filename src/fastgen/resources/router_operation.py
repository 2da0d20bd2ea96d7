"""The operation that adds a resource, with the options that its state records."""

from collections.abc import Sequence

from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.fields import parser


def router_operation(
    resource: ResourceName, fields: Sequence[str], *, owned: bool | None = None
) -> Operation:
    """Record a resource; options that follow from others are left out."""
    options: dict[str, str | tuple[str, ...]] = {
        "fields": tuple(parser.normalized(text) for text in fields)
    }
    if not resource.is_regular:
        options["singular"] = resource.singular
    if owned is False:
        options["owned"] = "no"
    return Operation("router", resource.plural, options)
