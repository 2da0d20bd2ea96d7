"""Reads the parameter `router`: `orders:total:decimal:min=0;note:text:optional`.

A singular that cannot be derived stands in parentheses: `staff(employee):name:str`.
"""

import re
from collections.abc import Collection

from fastgen.errors import BadInput
from fastgen.names.resource_names import ResourceName
from fastgen.project.operations import Operation
from fastgen.resources.fields import parser
from fastgen.resources.resource_fields import check_resource
from fastgen.resources.router_operation import router_operation
from fastgen.web.faults import Faults

MAX_ROUTERS = 20
MAX_FIELDS = 50
MAX_CHARACTERS = 4000
"""Of one router: the time of rendering grows with it."""

_NAME = re.compile(r"([^()]*)(?:\(([^()]*)\))?")


def read_router(
    text: str, index: int, faults: Faults, not_owned: Collection[str]
) -> Operation | None:
    """A router and its fields; none after a fault.

    Args:
        text: the name, a colon, and the fields with semicolons between; or the name alone.
        index: place among the routers, for the location of faults.
        faults: where faults are reported.
        not_owned: the names of routers whose rows do not belong to users.
    """
    loc, before = ("router", index), len(faults.found)
    name, colon, rest = text.partition(":")
    fields = tuple(rest.split(";")) if colon else parser.DEFAULT
    faults.check(loc, None, _check_size, text, fields)
    if len(faults.found) > before:
        return None
    words = _NAME.fullmatch(name)
    plural, singular = (words[1], words[2] or "") if words else (name, "")
    resource = faults.check((*loc, "name"), None, ResourceName.of, plural, singular)
    model = resource.model if resource else "Resource"
    for number, field in enumerate(fields):
        faults.check((*loc, "fields", number), None, parser.parse, field, model)
    if resource is None or len(faults.found) > before:
        return None
    owned = False if resource.plural in not_owned else None
    operation = router_operation(resource, fields, owned=owned)
    faults.check(loc, None, check_resource, operation)
    return operation


def _check_size(text: str, fields: tuple[str, ...]) -> None:
    if len(text) > MAX_CHARACTERS:
        raise BadInput(
            f"A router has {len(text):,} characters; the maximum here is {MAX_CHARACTERS:,}.",
            "Add it with `fastgen add router`.",
        )
    if len(fields) > MAX_FIELDS:
        raise BadInput(
            f"A router has {len(fields)} fields; the maximum here is {MAX_FIELDS}.",
            "Add it with `fastgen add router`.",
        )
