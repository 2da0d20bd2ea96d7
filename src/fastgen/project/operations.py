"""What was added to a project, as data that can be replayed on a fresh render."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that was added to a project, so that it can be replayed on a fresh render."""

    kind: str
    """`router` or `middleware`."""
    name: str
    options: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def text(self, option: str, default: str = "") -> str:
        """An option that is one text."""
        value = self.options.get(option, default)
        return value if isinstance(value, str) else default

    @property
    def id(self) -> str:
        """The same for the same operation, in every project."""
        parts = json.dumps([self.kind, self.name, dict(self.options)], sort_keys=True)
        return hashlib.sha256(parts.encode()).hexdigest()[:12]


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
    Operation("router", "feedback", {"template": "feedback"}),
)
"""What a new project shows: the same as `fastgen add router` would give."""
