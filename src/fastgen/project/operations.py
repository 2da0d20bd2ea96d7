"""Additions to a project, as data that can be replayed on a fresh render."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = ("router", "field", "middleware", "extra")

_REFERENCE = re.compile(r"[^:]*:ref\(([a-z0-9_]+)\)")


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that was added to a project. `after` does not count when two are compared."""

    kind: str
    """One of `KINDS`."""
    name: str
    """The name of a field starts with that of its router: `orders.note`."""
    options: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """`fields` of a router, or `field` of a field, hold specifications such as `note:text`."""
    after: str = field(default="", compare=False)
    """ID of the operation before it; empty for the first one."""

    def text(self, option: str, default: str = "") -> str:
        """An option that is one text."""
        value = self.options.get(option, default)
        return value if isinstance(value, str) else default

    @property
    def id(self) -> str:
        """Unique in a project, and the name of its file: `field-orders-note`."""
        return f"{self.kind}-{self.name.replace('.', '-')}"

    @property
    def revision_id(self) -> str:
        """ID of the Alembic revision that it adds: the same in every project."""
        parts = json.dumps([self.kind, self.name, dict(self.options)], sort_keys=True)
        return hashlib.sha256(parts.encode()).hexdigest()[:12]

    @property
    def needs(self) -> frozenset[str]:
        """IDs of operations that come first: a field's router, and the targets of references."""
        specifications = (*self.options.get("fields", ()), self.text("field"))
        found = map(_REFERENCE.match, specifications)
        routers = {match[1] for match in found if match}
        if self.kind == "field":
            routers.add(self.name.partition(".")[0])
        return frozenset(f"router-{router}" for router in routers)


EXAMPLES = (
    Operation(
        "router",
        "items",
        {
            "fields": (
                "name:str:min=1:max=80:not=admin|root",
                "description:text:max=500:optional",
                "price:decimal:min=0",
                "status:enum(draft|active):default=draft",
            )
        },
    ),
    Operation("router", "feedback", {"template": "feedback"}, after="router-items"),
)
"""The example resources of a new project, as `fastgen add router` would add them."""
