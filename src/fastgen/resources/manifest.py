"""Reads the table of a resource's templates: which there are, where they go, what they are handed.

Here patterns meet resources: a row says by itself for which projects it is.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput
from fastgen.naming import ResourceName
from fastgen.project.operations import Operation
from fastgen.rendering.template_folder import templates

CONDITIONS = frozenset({"with", "without", "owned", "only"})
"""What a row of the table has to say about where it belongs."""

Values = Mapping[str, str | list[str]]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The rows of the table that are for one operation in a project with certain patterns."""

    folder: Path
    """Where the templates are."""
    files: tuple[Row, ...]
    routers: tuple[Row, ...]
    values: tuple[Row, ...]

    @classmethod
    def of(cls, operation: Operation, patterns: Collection[str]) -> "Blueprint":
        """What the operation means there.

        Raises:
            BadInput: it names templates that are not there.
        """
        name = operation.text("template", "slice")
        if name not in ("slice", "feedback"):
            raise BadInput(f"`{name}` is not a template of a resource.", "Restore the state file.")
        folder = templates() / name
        table = tomllib.loads((folder / "slice.toml").read_text("utf-8"))

        def chosen(kind: str) -> tuple[Row, ...]:
            rows = table.get(kind, [])
            return tuple(row for row in rows if _applies(row, patterns, operation))

        return cls(folder, chosen("files"), chosen("routers"), chosen("values"))

    def handed(self, name: ResourceName) -> Values:
        """What the templates are handed, with the names of the resource in it; later rows win."""
        return dict(self._handed(name))

    def _handed(self, name: ResourceName) -> Iterator[tuple[str, str | list[str]]]:
        names = name.forms()
        for row in self.values:
            for key, value in row.items():
                if isinstance(value, str) and key not in CONDITIONS:
                    yield key, value.format_map(names)
                elif isinstance(value, list):
                    yield key, [line.format_map(names) for line in value]


def _applies(row: Row, patterns: Collection[str], operation: Operation) -> bool:
    is_owned = operation.text("owned", "yes") == "yes"
    needed = row.get("with", [])
    return (
        set([needed] if isinstance(needed, str) else needed).issubset(patterns)
        and row.get("without", "") not in patterns
        and row.get("owned", is_owned) is is_owned
        and row.get("only", operation.name) == operation.name
    )
