"""Renders one template; the only module that imports jinja2."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

SUFFIX = ".jinja"
"""The ending of the files that are rendered; all others are copied."""


def render_template(template: Path, values: Mapping[str, Any]) -> str:
    """The text of a template with these values; a value that is missing is an error."""
    return _compiled(template).render(values)


@cache
def _compiled(template: Path) -> "jinja2.Template":
    return _environment().from_string(template.read_text("utf-8"))


@cache
def _environment() -> "jinja2.Environment":
    import jinja2  # inside: most commands render nothing

    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # most templates are rendered once a process
        autoescape=False,  # noqa: S701  # the output is source code
    )
