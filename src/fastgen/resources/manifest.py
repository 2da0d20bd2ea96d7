"""Reads the manifest of a resource's templates: files, destinations, routers and values.

Each row names the patterns that it needs.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput
from fastgen.names.resource import ResourceName
from fastgen.project.operations import Operation
from fastgen.rendering.template_folder import templates

CONDITIONS = frozenset({"with", "without", "owned", "only"})
"""The keys that say when a row applies."""

Values = Mapping[str, str | list[str]]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The rows that apply to an operation in a project with certain patterns."""

    folder: Path
    """The folder of the templates."""
    files: tuple[Row, ...]
    routers: tuple[Row, ...]
    values: tuple[Row, ...]
    undoing: tuple[Row, ...]
    """Files that are added when the resource is removed."""

    @classmethod
    def of(cls, operation: Operation, patterns: Collection[str]) -> "Manifest":
        """Read the rows.

        Raises:
            BadInput: the operation names unknown templates.
        """
        name = operation.text("template", "slice")
        if name not in ("slice", "feedback"):
            raise BadInput(
                f"There are no resource templates called `{name}`.", "Restore the state file."
            )
        folder = templates() / name
        table = tomllib.loads((folder / "slice.toml").read_text("utf-8"))

        def chosen(kind: str) -> tuple[Row, ...]:
            rows = table.get(kind, [])
            return tuple(row for row in rows if _applies(row, patterns, operation))

        return cls(folder, chosen("files"), chosen("routers"), chosen("values"), chosen("undoing"))

    def template_values(self, name: ResourceName) -> Values:
        """The values for the templates, with the names filled in; later rows replace earlier."""
        return dict(self._values(name))

    def _values(self, name: ResourceName) -> Iterator[tuple[str, str | list[str]]]:
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
