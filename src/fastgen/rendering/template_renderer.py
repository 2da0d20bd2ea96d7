"""Renders one template; jinja2 is imported when there is something to render."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

SUFFIX = ".jinja"
"""The ending of the files that are rendered; all others are copied."""


def render_template(template: Path, values: Mapping[str, Any]) -> str:
    """The text of a template with these values; a value that is missing is an error."""
    from fastgen.rendering.compiled_templates import compiled_template

    return compiled_template(template).render(values)
