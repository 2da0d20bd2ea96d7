"""Rules: limits by path and method."""

from collections.abc import Mapping
from typing import NamedTuple

from limits import RateLimitItem
from starlette.types import Scope

from app.core.health import is_probe
from app.core.limits.settings import parse_limit


class Rule(NamedTuple):
    """Limits for a path and all paths below it."""

    where: str
    method: str
    """Empty for all methods."""
    path: str
    limits: tuple[RateLimitItem, ...]

    def is_for(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        is_below = path == self.path or path.startswith(f"{self.path.rstrip('/')}/")
        return is_below and self.method in ("", scope["method"]) and not is_probe(scope)


def rules(limits: Mapping[str, str]) -> list[Rule]:
    """The rules in order of precedence: longer paths first, then those with a method."""
    found = []
    for where, often in limits.items():
        method, _, path = where.rpartition(" ")
        found.append(Rule(where, method, path, tuple(map(parse_limit, often.split(";")))))
    return sorted(found, key=lambda rule: (-len(rule.path.rstrip("/")), not rule.method))
