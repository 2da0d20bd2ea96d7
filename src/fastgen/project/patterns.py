"""The patterns as data. What they bring to a project is said in the templates."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastgen.errors import BadInput


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing that a project may have or not have."""

    name: str
    brings: str
    """One line for whoever chooses."""
    setup: str = ""
    """A command of the project's environment that is due once, after everything is installed."""


PATTERNS = (
    Pattern(
        "database",
        "SQLAlchemy 2.1 async, Alembic; SQLite at once, PostgreSQL by a URL",
        setup="alembic upgrade head",
    ),
    Pattern("auth", "users, JWT with rotation, roles and scopes, API keys"),
    Pattern("cache", "cached reads; in-process at once, Redis by a URL"),
    Pattern("queue", "background tasks that survive a crash, retries, schedules"),
    Pattern("streaming", "server-sent events, CSV and JSON Lines exports, files"),
    Pattern("websockets", "rooms and presence, across workers with Redis"),
)
NAMES = tuple(pattern.name for pattern in PATTERNS)
DEFAULT = ("database",)
"""What a project gets when nobody says."""


def choose(lists: Iterable[str]) -> tuple[str, ...]:
    """The patterns that `--with` names, each once, in their own order.

    Args:
        lists: what was given, each with commas: `["database,auth", "cache"]`, `["all"]`.

    Raises:
        BadInput: a name is not on offer, or `none` comes with others.
    """
    names = {name.strip().lower() for given in lists for name in given.split(",") if name.strip()}
    if "none" in names and len(names) > 1:
        raise BadInput("`none` cannot be combined with other patterns.", "Leave it out.")
    if unknown := sorted(names.difference(NAMES, ("all", "none"))):
        raise BadInput(
            f"`{unknown[0]}` is not a pattern on offer.",
            f"Choose from: {', '.join([*NAMES, 'all', 'none'])}.",
        )
    return tuple(name for name in NAMES if name in names or "all" in names)
