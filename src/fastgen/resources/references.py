"""References between resources: parents, ancestors, and the resources that refer to one."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from fastgen.errors import BadInput
from fastgen.names.plurals import singular_of
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.fields import parser
from fastgen.resources.fields.model import Field
from fastgen.resources.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Parent:
    """A resource that another one refers to."""

    name: ResourceName
    scope: str
    """The name of the scope of its rows, or empty."""
    scope_fixture: str
    """The fixture of the tests that gives it, if one does."""
    operation: Operation

    @property
    def model_import(self) -> str:
        return f"from app.models.{self.name.singular} import {self.name.model}"


def parents_of(
    name: ResourceName,
    fields: Sequence[Field],
    before: Sequence[Operation],
    patterns: Collection[str],
) -> list[Parent]:
    """The resources that the fields refer to, without duplicates, by name.

    Raises:
        BadInput: there is no such resource, or it refers to itself.
    """
    targets = sorted({field.target for field in fields if field.target})
    if name.plural in targets:
        raise refers_to_itself(name.plural)
    return [_parent(target, before, patterns) for target in targets]


def refers_to_itself(plural: str) -> BadInput:
    """The error for a resource with a reference to itself."""
    return BadInput(
        f"`{plural}` cannot refer to itself.", "Use an `int`, and check it in the service."
    )


def ancestors_of(
    name: ResourceName,
    fields: Sequence[Field],
    before: Sequence[Operation],
    patterns: Collection[str],
) -> list[Parent]:
    """Parents and their ancestors, without duplicates; each comes after its own parents."""
    found: dict[str, Parent] = {}
    seen: set[str] = set()

    def visit(name: ResourceName, fields: Sequence[Field]) -> None:
        for parent in parents_of(name, fields, before, patterns):
            if parent.name.plural not in seen:
                seen.add(parent.name.plural)
                visit(parent.name, _fields(parent.operation, parent.name))
                found[parent.name.plural] = parent

    visit(name, fields)
    return list(found.values())


def referring(plural: str, operations: Sequence[Operation]) -> Iterator[str]:
    """The plurals of the resources that refer to one."""
    for operation in operations:
        if operation.kind == "router" and "fields" in operation.options:
            name = ResourceName.of(operation.name, operation.text("singular"))
            if any(field.target == plural for field in _fields(operation, name)):
                yield operation.name


def find_circle(operations: Sequence[Operation]) -> list[str]:
    """The names of resources that refer to each other, if there are any."""
    known = {one.id: one for one in operations}
    try:
        TopologicalSorter({id_: one.needs & known.keys() for id_, one in known.items()}).prepare()
    except CycleError as error:
        return sorted({known[id_].name for id_ in error.args[1]})
    return []


def operations_before(operations: Sequence[Operation], operation: Operation) -> list[Operation]:
    """The operations that come before one, and the routers that they and it refer to.

    After a merge of branches, such a router may not be recorded any more. One with the default
    options takes its place, so that the files of the others can be rendered again.
    """
    before = operations[: operations.index(operation)]
    needed = {id_ for one in (*before, operation) for id_ in one.needs}
    missing = sorted(needed.difference(one.id for one in before))
    return [*(_default_router(id_.removeprefix("router-")) for id_ in missing), *before]


def _default_router(name: str) -> Operation:
    singular = singular_of(name) or f"{name}_row"
    return Operation("router", name, {"fields": ("name:str",), "singular": singular})


def _parent(target: str, before: Sequence[Operation], patterns: Collection[str]) -> Parent:
    known = {
        operation.name: operation
        for operation in before
        if operation.kind == "router" and "fields" in operation.options
    }
    if target not in known:
        names = ", ".join(f"`{name}`" for name in known) or "none yet"
        raise BadInput(
            f"There is no router `{target}` to refer to.",
            f"Routers that can be referred to: {names}.",
        )
    operation = known[target]
    name = ResourceName.of(target, operation.text("singular"))
    values = Manifest.of(operation, patterns).template_values(name)
    return Parent(name, str(values["scope"]), str(values["scope_fixture"]), operation)


def _fields(operation: Operation, name: ResourceName) -> list[Field]:
    return [parser.parse(text, name.model) for text in operation.options["fields"]]
