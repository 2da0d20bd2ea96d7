"""Whether the settings of a project still have the default database that they were made with."""

import ast
from pathlib import Path

from fastgen.rendering.template_folder import templates
from fastgen.source_files import NOT_PARSED

SETTINGS = "app/db/settings.py"
FILES = {
    "app/core/environment.py": "core/app/core/environment.py",
    "migrations/env.py": "patterns/database/files/migrations/env.py",
    SETTINGS: f"patterns/database/files/{SETTINGS}",
}
"""The files that determine the database, and their templates."""

NAME = "database_url"


def is_default_known(root: Path) -> bool:
    """False if a file that decides about the database was edited, or another one sets its URL."""
    try:
        return all(
            _is_rendered(root / file, template) for file, template in FILES.items()
        ) and not any(
            _sets_url(path)
            for path in (root / "app").rglob("*.py")
            if path != root / SETTINGS and path.is_file()
        )
    except (OSError, *NOT_PARSED):
        return False


def _is_rendered(file: Path, template: str) -> bool:
    return file.is_file() and _text(file) == _text(templates() / template)


def _text(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


def _sets_url(path: Path) -> bool:
    content = path.read_bytes()
    tree = ast.parse(content)
    if NAME.encode() not in content.lower():  # as in nearly all: walking takes longer than parsing
        return False
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name)
                | ast.Attribute(attr=name, ctx=ast.Store())
                | ast.keyword(arg=str(name))
                | ast.FunctionDef(name=name)
                | ast.Constant(value=str(name))
            ) if name.lower() == NAME:
                return True
    return False
