"""Names of the fields of a resource."""

import re

from fastgen.names import reserved

MAX_LENGTH = 32

_PATTERN = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def is_identifier(text: str) -> bool:
    """Whether it is lower-case ASCII letters and digits, with single `_` between, letter first."""
    return bool(_PATTERN.fullmatch(text))


def field_name_problem(name: str) -> str:
    """The reason why a field cannot have this name; empty if it can."""
    if not is_identifier(name):
        return "use lower-case ASCII letters and digits, with single `_` between, letter first"
    if len(name) > MAX_LENGTH:
        return f"its name is longer than {MAX_LENGTH} characters"
    return reserved_problem(name)


def reserved_problem(name: str) -> str:
    """The reason why a field of any length cannot have this name; empty if it can."""
    reason = reserved.field_reason(name)
    return f"`{name}` is reserved: {reason}" if reason else ""


def suggest_field_name(name: str, resource: str) -> str:
    """A similar name that is possible; `resource` is the singular, such as `order_line`."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    slug = "_".join(words)[: MAX_LENGTH - 6].strip("_")
    candidates = (slug, f"{resource}_{slug}", f"{slug}_value", f"field_{slug}", "label")
    return next(name for name in candidates if not field_name_problem(name))
