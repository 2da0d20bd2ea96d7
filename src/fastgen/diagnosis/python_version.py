"""The Python of a project's environment, and the one that the project requires."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from fastgen.report import Finding
from fastgen.source_files import read_file

ENVIRONMENT = Path(".venv", "pyvenv.cfg")

_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", re.MULTILINE)
_REQUIRED = re.compile(r">=\s*(\d+)\.(\d+)")


def old_python(root: Path) -> Iterator[Finding]:
    """The environment in `.venv`, if its Python is older than `requires-python`."""
    try:
        document = tomllib.loads(read_file(root / "pyproject.toml").decode())
        required = _REQUIRED.search(str(document["project"]["requires-python"]))
        present = _VERSION.search(read_file(root / ENVIRONMENT).decode())
    except (OSError, ValueError, KeyError, TypeError):
        return
    if required and present and _numbers(present) < _numbers(required):
        wanted = ".".join(required.groups())
        yield Finding(
            "python",
            f"`.venv` has Python {'.'.join(present.groups())}, and the project requires"
            f" {wanted} or newer.",
            f"Make it anew: `python{wanted} -m venv --clear .venv`, then install the project.",
        )


def _numbers(found: re.Match[str]) -> list[int]:
    return [int(text) for text in found.groups()]
