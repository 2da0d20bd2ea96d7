"""The revisions of a project's database: which one a new one follows."""

import ast
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastgen.errors import Refused

FOLDER = "migrations/versions"

_ASSIGNED = re.compile(
    rb"^(revision|down_revision)\b[^=\n]*=[ \t]*([^\s(\[{].*?)\s*$", re.MULTILINE
)

Literal = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A step of the database: how it is called, and which one it follows."""

    id: str
    before: str | None

    def literals(self) -> dict[str, str]:
        """What a template writes."""
        before = "None" if self.before is None else f'"{self.before}"'
        return {"revision": self.id, "down_revision": before}


def following(root: Path, wanted: str) -> Revision:
    """The revision that comes next: called `wanted`, or by another name if that is taken.

    Raises:
        Refused: a file cannot be read, or there are several last ones.
    """
    known = revisions(root)
    before = head(root, known)
    if wanted in known:
        digest = hashlib.sha256(f"{wanted} after {before}".encode())
        wanted = digest.hexdigest()[: len(wanted)]
    return Revision(wanted, before)


def undoing(wanted: str) -> str:
    """What the revision is called that undoes one."""
    return hashlib.sha256(f"{wanted} undone".encode()).hexdigest()[: len(wanted)]


def head(root: Path, known: Mapping[str, "Step"] | None = None) -> str | None:
    """The last revision of the project in `root`, or None if there is none.

    Raises:
        Refused: a file cannot be read, or there are several last ones.
    """
    known = revisions(root) if known is None else known
    followed = {before for step in known.values() for before in step.before}
    heads = sorted(known.keys() - followed)
    if len(heads) > 1:
        raise Refused(
            f"`{FOLDER}` has several last revisions: {', '.join(heads)}.",
            "Join them with `alembic merge heads`.",
        )
    return heads[0] if heads else None


@dataclass(frozen=True, slots=True)
class Step:
    """A revision that is there."""

    path: Path
    before: tuple[str, ...]


def revisions(root: Path) -> dict[str, Step]:
    """The revisions of a project, by their ids.

    Raises:
        Refused: a file cannot be read.
    """
    found: dict[str, Step] = {}
    for path in sorted((root / FOLDER).glob("*.py")):
        values = dict(_assigned(path))
        if isinstance(revision := values.get("revision"), str):
            before = values.get("down_revision")
            found[revision] = Step(path, (before,) if isinstance(before, str) else before or ())
    return found


def _assigned(path: Path) -> Iterator[tuple[str, Literal]]:
    """The literals that a module gives names to: by a glance if it is as usual, else by reading."""
    content = path.read_bytes()
    seen = _ASSIGNED.findall(content)
    try:
        if sorted(name for name, _ in seen) == [b"down_revision", b"revision"]:
            for name, value in seen:
                yield name.decode(), ast.literal_eval(value.decode())
        else:
            yield from _read(content)
    except (SyntaxError, ValueError) as error:
        raise Refused(f"`{path}` is not valid Python: {error}.", "Mend it first.") from None


def _read(content: bytes) -> Iterator[tuple[str, Literal]]:
    for statement in ast.parse(content).body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                try:
                    yield name, ast.literal_eval(value)
                except ValueError:
                    continue
