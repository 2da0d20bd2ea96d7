"""The known middleware, as data: that of every project, and the catalogue."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput
from fastgen.names.reserved import is_builtin, is_python_word
from fastgen.rendering.template_folder import read_text, templates


@dataclass(frozen=True, slots=True)
class Middleware:
    """One entry of the catalogue."""

    name: str
    does: str
    """One line for `fastgen list`."""


IN_EVERY_PROJECT = (
    Middleware("request-id", "an id for each request, in its response, log lines and problems"),
    Middleware("access-log", "logs one line a request, with status and duration"),
    Middleware("security-headers", "sets security headers"),
    Middleware("trusted-host", "refuses requests for unknown hosts"),
    Middleware("cors", "lets browsers call from other origins"),
    Middleware("body-limit", "refuses bodies that are too large"),
    Middleware("etag", "sets `ETag`, and returns 304 if the client has the current response"),
    Middleware("gzip", "compresses large responses"),
)
"""The middleware of every project, which `add` leaves as it is."""

MAX_NAME = 32
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_USED = frozenset({"middleware", "settings"})
"""Names with another meaning in the module of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A middleware that can be added: its files, its place in the list, its settings."""

    does: str = "one of your own"
    folder: Path
    module: str
    """Below `app/middleware/`."""
    name: str
    """Its class."""
    entry: str
    """The element of the list."""
    imports: Sequence[str] = ()
    """Further imports of the element."""
    order: Sequence[str]
    """The classes in the order of the list."""
    settings: Sequence[str] = ()
    settings_imports: Sequence[str] = ()
    environment: Sequence[str] = ()
    requirements: Sequence[str] = ()
    foundation: str = ""
    """A foundation that has the same requirements."""
    files: Sequence[Mapping[str, str]] = field(default_factory=tuple)


def normal(name: str) -> str:
    """The name as it is recorded.

    Raises:
        BadInput: the name is not allowed.
    """
    name = name.replace("_", "-")
    problem = _problem(name)
    if not problem:
        return name
    words = "-".join(re.findall(r"[a-z0-9]+", name.lower()))
    candidates = (each[:MAX_NAME].strip("-") for each in (words, f"our-{words}"))
    hint = next(each for each in candidates if not _problem(each))
    raise BadInput(
        f"`{name[:40]}` cannot be the name of a middleware: {problem}.", f"Try `{hint}`."
    )


def _problem(name: str) -> str:
    module = name.replace("-", "_")
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        return f"a name is up to {MAX_NAME} small ASCII letters and digits, with `-` between"
    if name in _named():
        return ""
    if module in _USED:
        return "the list of middleware uses that name"
    if is_builtin(module):
        return "it is a builtin of Python"
    return "it is a keyword or a module of Python" if is_python_word(module) else ""


def known() -> list[str]:
    """The names of the catalogue, in order."""
    return list(_table()["middleware"])


def _named() -> list[str]:
    return [*known(), *(middleware.name for middleware in IN_EVERY_PROJECT)]


def find(name: str) -> Addition:
    """The entry of the catalogue with this name, else a skeleton of that name."""
    table, folder = _table(), templates() / "middleware"
    module = name.replace("-", "_")
    row = table["middleware"].get(name)
    if row is None:
        model = "".join(word.capitalize() for word in module.split("_"))
        forms = {"module": module, "model": model}
        files = [
            {key: text.format_map(forms) for key, text in file.items()}
            for file in table["own"]["files"]
        ]
        return Addition(
            folder=folder / "own",
            module=module,
            name=model,
            entry=table["own"]["entry"].format_map(forms),
            order=table["order"],
            files=files,
        )
    usual = [
        {"template": f"{module}.py", "destination": f"app/middleware/{module}.py"},
        {"template": f"test_{module}.py", "destination": f"tests/middleware/test_{module}.py"},
    ]
    return Addition(
        **{"files": usual, **row}, folder=folder / module, module=module, order=table["order"]
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(read_text(templates() / "middleware" / "catalogue.toml"))
