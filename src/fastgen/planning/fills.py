"""The values that existing rows get in columns that are added to their table."""

from collections.abc import Iterator

from fastgen.migrations.change_tables import Fills
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.project.state import State
from fastgen.resources.complete import complete
from fastgen.resources.fields import parser
from fastgen.resources.manifest import Manifest


def fills_of(state: State) -> Fills:
    """The defaults of the fields of all resources, and the statements of patterns."""
    found: dict[tuple[str, str], str] = {}
    for one in complete(state.operations):
        if one.kind == "router" and "fields" in one.options:
            name = ResourceName.of(one.name, one.text("singular"))
            found |= {(name.plural, column): value for column, value in _defaults(one, name)}
            fills = Manifest.of(one, state.parts).fills(name)
            found |= {(name.plural, column): value for column, value in fills.items()}
    return found


def _defaults(operation: Operation, name: ResourceName) -> Iterator[tuple[str, str]]:
    for text in operation.options["fields"]:
        field = parser.parse(text, name.model)
        if field.default:
            yield field.name, field.row_default
