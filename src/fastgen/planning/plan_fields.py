"""Plans to add fields to a resource that people have edited, and to remove one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fastgen.changes import Plan
from fastgen.errors import BadInput, Refused
from fastgen.names.display import listed
from fastgen.names.resource_names import ResourceName
from fastgen.planning.plan_merge import plan_merge
from fastgen.project.operations import Operation
from fastgen.project.ordering import linked
from fastgen.project.state import State
from fastgen.resources.complete import complete
from fastgen.resources.conflicts import check_names
from fastgen.resources.fields import parser
from fastgen.resources.references import find_circle, refers_to_itself
from fastgen.resources.resource_fields import check_resource


def plan_add_fields(root: Path, state: State, resource: str, specifications: Sequence[str]) -> Plan:
    """The changes that add fields; none for those that are there with the same specification.

    Raises:
        BadInput: there is no such resource, or a field is not possible.
        Refused: the resource has a field of that name, or its type has the name of another type.
    """
    router = find_router(state, resource)
    after = state
    for text in map(parser.normalized, specifications):
        name = _name(router, text)
        known = specification_of(after, router, name)
        if known == text:
            continue
        if known is not None:
            raise Refused(
                f"`{router.name}` has a field `{name}` already, with other options: `{known}`.",
                f"Choose another name. `fastgen remove field {router.name} {name}` would drop its"
                " column with all values.",
            )
        after = after.with_operation(Operation("field", f"{router.name}.{name}", {"field": text}))
    return _plan(root, state, after, router)


def plan_remove_field(
    root: Path, state: State, resource: str, name: str, *, force: bool = False
) -> Plan:
    """The changes that remove a field; none if it is not there.

    Raises:
        BadInput: there is no such resource, or it needs the field.
    """
    router = find_router(state, resource)
    if specification_of(state, router, name) is None:
        name = f"{name.removesuffix('_id')}_id"  # a reference, as it was added
    added = state.find("field", f"{router.name}.{name}")
    if added is not None:
        after = state.without(added)
    elif specification_of(state, router, name) is None:
        return Plan()
    else:
        after = _without_own(state, router, name)
    return _plan(root, state, after, router, force=force)


def find_router(state: State, resource: str) -> Operation:
    """The router of a resource with fields.

    Raises:
        BadInput: there is none.
    """
    name = resource.replace("-", "_")
    router = state.find("router", name)
    if router is None or "fields" not in router.options:
        known = [f"`{each.name}`" for each in state.operations if "fields" in each.options]
        raise BadInput(
            f"There is no resource `{name[:40]}` with fields.",
            f"Resources: {', '.join(known) or 'none yet'}.",
        )
    return router


def _plan(
    root: Path, state: State, after: State, router: Operation, *, force: bool = False
) -> Plan:
    if after == state:
        return Plan()
    operations = complete(after.operations)
    whole = next(one for one in operations if one.id == router.id)
    check_resource(whole)
    check_names(whole, [one for one in operations if one is not whole], after.parts)
    if (circle := find_circle(operations)) == [router.name]:
        raise refers_to_itself(router.name)
    if circle:
        raise BadInput(
            f"{listed([f'`{name}`' for name in circle])} would refer to each other.",
            "Leave one of the references out.",
        )
    return plan_merge(root, state, after, force=force)


def specification_of(state: State, router: Operation, name: str) -> str | None:
    """The specification of the resource's field of that name, if it has one."""
    whole = next(one for one in complete(state.operations) if one.id == router.id)
    texts = whole.options["fields"]
    return next((text for text in texts if _name(router, text) == name), None)


def _name(router: Operation, specification: str) -> str:
    resource = ResourceName.of(router.name, router.text("singular"))
    return parser.parse(specification, resource.model).name


def _without_own(state: State, router: Operation, name: str) -> State:
    """The state with one of the fields that the router was added with taken out.

    If it was the only one, a field that was added later takes its place.
    """
    left = tuple(text for text in router.options["fields"] if _name(router, text) != name)
    added = [one for one in state.operations if one.name.startswith(f"{router.name}.")]
    if not left and added:
        left = (added[0].text("field"),)
        state = state.without(added[0])
    operations = tuple(
        replace(one, options={**one.options, "fields": left}) if one.id == router.id else one
        for one in state.operations
    )
    return replace(state, operations=linked(operations))
