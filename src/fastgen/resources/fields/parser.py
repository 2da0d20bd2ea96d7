"""Reads the fields of a resource as people write them.

A specification is `name:type[:modifier...]`: `price:decimal:min=0`, `status:enum(new|paid)`, or
`order:ref(orders)`, whose field is called `order_id`.
"""

import re
from collections.abc import Sequence

from fastgen.errors import BadInput
from fastgen.names.display import shown
from fastgen.names.field_names import field_name_problem, reserved_problem, suggest_field_name
from fastgen.names.resource_names import normalize
from fastgen.resources.fields.model import Field
from fastgen.resources.fields.rules import problem_of
from fastgen.resources.fields.types import FIELD_TYPES

FLAGS = ("optional", "unique", "index")
SETTINGS = ("min", "max", "default", "not")
DEFAULT = ("name:str:max=80",)
"""The fields of a resource for which none are given."""

_TYPE = re.compile(r"([a-z]+)(?:\(([^()]*)\))?")
_TYPE_HINT = "Write it as `name:type`, with a type of: {}."
_MODIFIERS = (
    "Modifiers are `optional`, `unique`, `index`, `min=`, `max=`, `default=`; for text, `not=a|b`."
)


def parse(specification: str, model: str) -> Field:
    """Read a specification; `model` is the class of the resource.

    Raises:
        BadInput: it is not a specification, or its parts contradict each other.
    """
    name, *rest = specification.split(":")
    match = _TYPE.fullmatch(rest[0]) if rest else None
    if match is None or match[1] not in FIELD_TYPES:
        types = ", ".join(map(written, FIELD_TYPES))
        raise _not_a_field(specification, "its type is not known", _TYPE_HINT.format(types))
    field_type, inside = match[1], match[2] or ""
    is_ref = field_type == "ref"
    full_name = f"{name.removesuffix('_id')}_id" if is_ref else name
    _check_name(specification, name, full_name, model)
    try:
        modifiers = _modifiers(rest[1:])
        field = Field(
            model=model,
            name=full_name,
            type=field_type,
            choices=() if is_ref else tuple(filter(None, inside.split("|"))),
            target=normalize(inside) if is_ref else "",
            minimum=modifiers.get("min", ""),
            maximum=modifiers.get("max", ""),
            default=modifiers.get("default", ""),
            reserved=tuple(
                dict.fromkeys(filter(None, modifiers.get("not", "").casefold().split("|")))
            ),
            is_optional="optional" in modifiers,
            is_unique="unique" in modifiers,
            is_indexed="index" in modifiers or is_ref,
        )
    except ValueError as error:
        raise _not_a_field(specification, str(error), _MODIFIERS) from None
    if problem := problem_of(field):
        raise _not_a_field(specification, problem, _hint(name, field, problem))
    return field


def normalized(specification: str) -> str:
    """A specification as it is recorded: `line:ref(order-lines)` -> `line:ref(order_lines)`."""
    return re.sub(
        r"(?<=:ref\()[^():]*", lambda target: normalize(target[0]), specification, count=1
    )


def written(field_type: str) -> str:
    """A type as it is written."""
    return {"enum": "enum(a|b)", "ref": "ref(resources)"}.get(field_type, field_type)


def _hint(name: str, field: Field, problem: str) -> str:
    """The way out of a contradiction between the parts of a field."""
    if any(words in problem for words in ("cannot", "can have", "only ")):
        return "Leave that out, or choose another type."
    if "reserved" in problem:
        return "Reserve fewer or shorter words, as in `not=admin|root`."
    examples = {"enum": "enum(new|paid)", "ref": "ref(orders)"}
    example = examples.get(field.type, field.type)
    if "default" in problem:
        example += f":default={FIELD_TYPES[field.type].example or 'new'}"
    elif field.type not in examples:
        example += ":min=1:max=80" if field.is_text else ":min=0:max=5000"
    return f"Write it as in `{name}:{example}`."


def _check_name(specification: str, name: str, full_name: str, model: str) -> None:
    problem = field_name_problem(name)
    if not problem and full_name != name:
        problem = reserved_problem(full_name)
    if problem:
        resource = re.sub(r"(?<!^)(?=[A-Z])", "_", model).lower()
        suggestion = suggest_field_name(full_name, resource)
        raise _not_a_field(specification, problem, f"Try `{suggestion}`.")


def _modifiers(parts: Sequence[str]) -> dict[str, str]:
    """The modifiers and their values; a default may have colons in it.

    Raises:
        ValueError: one is not known, comes twice, lacks its value, or has one too many.
    """
    found: dict[str, str] = {}
    last = ""
    for part in parts:
        key, sign, value = part.partition("=")
        if last == "default" and key not in (*FLAGS, *SETTINGS):
            found["default"] += f":{part}"
            continue
        if key in found:
            raise ValueError(f"`{key}` comes twice")
        if key in FLAGS and sign:
            raise ValueError(f"`{key}` has no value")
        if key in SETTINGS and not value:
            raise ValueError(f"`{key}=` needs a value")
        if key not in (*FLAGS, *SETTINGS):
            raise ValueError(f"{shown(part)} is not a modifier")
        found[key] = value
        last = key
    return found


def _not_a_field(specification: str, problem: str, hint: str) -> BadInput:
    return BadInput(f"{shown(specification)} is not a field: {problem}.", hint)
