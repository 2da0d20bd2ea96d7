"""Names of projects."""

import re

from fastgen.errors import BadInput
from fastgen.names import reserved
from fastgen.names.display import shown

MAX_LENGTH = 64

_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")


def check_project_name(name: str) -> str:
    """Return the name if a project can have it.

    Raises:
        BadInput: it cannot; the hint has a similar name that can be used.
    """
    if problem := _problem(name):
        raise BadInput(f"{shown(name)} cannot be the name of a project: {problem}.", _hint(name))
    return name


def default_title(name: str) -> str:
    """The title of a project that was given none: `my-app` -> `My app`."""
    words = re.sub(r"[-_]+", " ", name)
    return words[:1].upper() + words[1:]


def _problem(name: str) -> str:
    if len(name) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if not _PATTERN.fullmatch(name):
        return "use ASCII letters and digits, with single `-` or `_` between, letter first"
    if re.sub("[-_]", "-", name.lower()) in reserved.INDIRECT_REQUIREMENTS:
        return "what the project depends on requires a distribution of that name"
    return reserved.reason(name)


def _hint(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    slug = "-".join(words).lower()[:40].strip("-")
    candidates = [slug, f"{slug}-api", f"my-{slug}", f"app-{slug}", "my-api"]
    return f"Try `{next(name for name in candidates if not _problem(name))}`."
