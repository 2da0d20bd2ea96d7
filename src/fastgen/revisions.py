"""The revisions of a project's database: which one a new one follows."""

import ast
from collections.abc import Iterator
from pathlib import Path

from fastgen.errors import Refused

FOLDER = "migrations/versions"


def head(root: Path) -> str | None:
    """The last revision of the project in `root`, or None if there is none.

    Raises:
        Refused: a file cannot be read, or there are several last ones.
    """
    revisions: set[str] = set()
    followed: set[str] = set()
    for path in sorted((root / FOLDER).glob("*.py")):
        values = dict(_assigned(path))
        if isinstance(revision := values.get("revision"), str):
            revisions.add(revision)
            before = values.get("down_revision")
            followed |= {before} if isinstance(before, str) else {*(before or ())}
    heads = sorted(revisions - followed)
    if len(heads) > 1:
        raise Refused(
            f"`{FOLDER}` has several last revisions: {', '.join(heads)}.",
            "Join them with `alembic merge heads`.",
        )
    return heads[0] if heads else None


def _assigned(path: Path) -> Iterator[tuple[str, str | tuple[str, ...] | None]]:
    """The literals that a module gives names to."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise Refused(f"`{path}` is not valid Python: {error}.", "Mend it first.") from None
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                try:
                    yield name, ast.literal_eval(value)
                except ValueError:
                    continue
