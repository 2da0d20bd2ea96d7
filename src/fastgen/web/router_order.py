"""The order in which routers are added: each after those that it refers to."""

from collections.abc import Mapping

from fastgen.errors import BadInput
from fastgen.names.display import listed
from fastgen.project.operations import Operation
from fastgen.project.ordering import linked
from fastgen.resources.references import find_circle, refers_to_itself
from fastgen.web.faults import Faults

Routers = Mapping[int, Operation]
"""Routers by their places in the query."""


def in_order_of_references(routers: Routers, faults: Faults) -> Routers:
    """The routers in an order in which they can be added; none after a fault."""
    places = {router.name: place for place, router in routers.items()}
    circle = find_circle([*routers.values()])
    if circle:
        faults.check(("router", places[circle[0]]), None, _refuse, circle)
        return {}
    return {places[router.name]: router for router in linked([*routers.values()])}


def _refuse(circle: list[str]) -> None:
    if len(circle) == 1:
        raise refers_to_itself(circle[0])
    raise BadInput(
        f"{listed([f'`{name}`' for name in circle])} refer to each other.",
        "Leave one of the references out.",
    )
