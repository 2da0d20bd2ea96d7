"""Renders the templates of what is added to a project."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastgen.rendering.layout import lay_out

if TYPE_CHECKING:
    import jinja2


def render(folder: Path, template: str, context: Mapping[str, Any]) -> str:
    """The text of a template, laid out as a formatter would."""
    return lay_out(_environment(folder).get_template(template).render(context))


@cache
def _environment(folder: Path) -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # each template is rendered once
        autoescape=False,  # noqa: S701  # the output is Python
    )
