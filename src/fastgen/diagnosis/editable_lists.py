"""Lists of a project that `fastgen add` cannot edit: found by edits that are not written."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from fastgen import codemods
from fastgen.errors import FastgenError
from fastgen.middleware.catalogue import find
from fastgen.middleware.edits import LIST, SETTINGS, entry_of
from fastgen.report import Finding
from fastgen.resources.resource_files import ROUTERS
from fastgen.source_files import read_source

_NAME = "fastgen_example"
_EDITS: dict[str, Callable[[str], codemods.EditResult]] = {
    LIST: lambda text: codemods.add_middleware(text, entry_of(find(_NAME.replace("_", "-")))),
    SETTINGS: partial(codemods.add_settings, lines=[f"{_NAME}: int = 0"], imports=[]),
    ROUTERS: partial(
        codemods.include_router, module=f"app.api.v1.{_NAME}", prefix=f"/{_NAME}", tag=_NAME
    ),
}
_WHAT = {LIST: "middleware", SETTINGS: "settings", ROUTERS: "routers"}


def uneditable_lists(root: Path) -> Iterator[Finding]:
    """The lists of middleware, settings and routers to which nothing can be added."""
    for path, edit in _EDITS.items():
        if not (root / path).exists():
            continue  # reported as missing
        try:
            result = edit(read_source(root, path))
        except FastgenError as error:
            yield Finding("list", error.message, error.hint)
            continue
        if isinstance(result, codemods.CannotEdit):
            yield Finding(
                "list",
                f"fastgen cannot add {_WHAT[path]} to `{path}`: {result.reason}.",
                f"`git log --patch -- {path}` shows the form that it was written in; or go on, and"
                " add by hand the lines that `fastgen add` shows.",
            )
