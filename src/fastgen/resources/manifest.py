"""Reads the manifests of a resource: its templates, where they go, and what they are given."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from fastgen.errors import BadInput
from fastgen.names.resource_names import ResourceName
from fastgen.project.extras import all_extras
from fastgen.project.operations import Operation
from fastgen.project.patterns import contributors
from fastgen.rendering.template_folder import is_template, read_text, templates

FILE = "manifest.toml"
CONDITIONS = frozenset({"with", "without", "owned", "only"})
"""The keys of a row that say where it applies."""

Values = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a manifest, and the folder that its template is in."""

    folder: Path
    values: Mapping[str, Any]

    @property
    def template(self) -> Path:
        return self.folder / str(self.values["template"])

    def filled(self, forms: Mapping[str, Any]) -> "Row":
        """The row without its conditions, and with the forms of a name in its texts."""
        filled = {key: _filled(value, forms) for key, value in self.values.items()}
        return replace(self, values={key: filled[key] for key in filled.keys() - CONDITIONS})


@dataclass(frozen=True, slots=True)
class Manifest:
    """The rows that apply to one operation in a project with certain patterns."""

    files: tuple[Row, ...]
    routers: tuple[Row, ...]
    values: tuple[Row, ...]
    columns: tuple[Row, ...] = ()
    """Columns that a pattern adds to the table, and the template that fills them."""
    names: tuple[Row, ...] = ()
    """Names that no other resource may have."""

    @classmethod
    def of(cls, operation: Operation, patterns: Collection[str]) -> "Manifest":
        """The manifest of a resource in a project with these patterns and extras.

        Raises:
            BadInput: the operation names templates that do not exist.
        """
        name = operation.text("template", "resource")
        if name not in ("resource", "feedback"):
            raise BadInput(
                f"There are no resource templates called `{name}`.", "Restore the state file."
            )
        own = templates() / name
        added = [extra for extra in all_extras() if extra.name in patterns]
        of_patterns = [each.folder / name for each in (*contributors(patterns), *added)]

        def rows(kind: str, *folders: Path) -> tuple[Row, ...]:
            return tuple(
                Row(folder, row)
                for folder in folders
                for row in _table(folder / FILE).get(kind, [])
                if _applies(row, patterns, operation)
            )

        return cls(
            files=rows("files", own, *of_patterns),
            routers=rows("routers", *of_patterns, own),
            values=rows("values", own, *of_patterns),
            columns=rows("columns", *of_patterns),
            names=rows("names", *of_patterns),
        )

    def fills(self, name: ResourceName) -> dict[str, str]:
        """The statements that fill columns of existing rows, by the name of the column."""
        filled = [row.filled(name.forms()) for row in self.columns]
        return {str(row.values["name"]): _filled_text(row.template, name.forms()) for row in filled}

    def template_values(self, name: ResourceName) -> Values:
        """The values of the templates; those of later rows win."""
        return dict(self._values(name))

    def _values(self, name: ResourceName) -> Iterator[tuple[str, str | list[str]]]:
        for row in self.values:
            yield from row.filled(name.forms()).values.items()


def _filled_text(template: Path, forms: Mapping[str, Any]) -> str:
    return str(_filled(read_text(template), forms))


@cache
def _table(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(read_text(path)) if is_template(path) else {}


def _filled(value: object, forms: Mapping[str, Any]) -> object:
    if isinstance(value, str):
        return value.format_map(forms)
    return [line.format_map(forms) for line in value] if isinstance(value, list) else value


def _applies(row: Mapping[str, Any], patterns: Collection[str], operation: Operation) -> bool:
    is_owned = operation.text("owned", "yes") == "yes"
    return (
        {*row.get("with", [])} <= {*patterns}
        and row.get("without", "") not in patterns
        and row.get("owned", is_owned) is is_owned
        and row.get("only", operation.name) == operation.name
    )
