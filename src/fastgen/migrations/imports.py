"""The imports of a revision, and those that another one needs for the same expressions."""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastgen.rendering.layout import lay_out

FIRST_PARTY = frozenset(["app", "tests"])


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports."""

    module: str
    name: str = ""
    """Empty for `import module`."""
    alias: str = ""

    @property
    def binds(self) -> str:
        return self.alias or self.name or self.package

    @property
    def target(self) -> str:
        """The full name of the object that is bound."""
        if self.name:
            return f"{self.module}.{self.name}"
        return self.module if self.alias else self.package

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    @property
    def is_standard(self) -> bool:
        return self.package in sys.stdlib_module_names


def imports_of(tree: ast.Module) -> Sequence[Import]:
    """The imports at the top of a module, without relative ones, which Alembic does not support."""
    found: list[Import] = []
    for node in tree.body:
        match node:
            case ast.Import(names=names):
                found += [Import(each.name, "", each.asname or "") for each in names]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found += [Import(module, each.name, each.asname or "") for each in names]
    return found


def import_block(imports: Iterable[Import]) -> str:
    """The lines of imports, sorted and wrapped as ruff does it."""
    sections: dict[int, list[Import]] = {}
    for each in {*imports}:
        sections.setdefault(_section(each), []).append(each)
    blocks = ("\n".join(_lines(section)) for _, section in sorted(sections.items()))
    return lay_out("\n\n".join(blocks))


def _section(one: Import) -> int:
    if one.module == "__future__":
        return 0
    if one.package in FIRST_PARTY:
        return 3
    return 1 if one.is_standard else 2


def _lines(imports: Sequence[Import]) -> Iterator[str]:
    plain = [each for each in imports if not each.name]
    for each in sorted(plain, key=lambda each: (each.module.lower(), each.alias)):
        yield f"import {each.module}{_as(each)}"
    named = sorted((each for each in imports if each.name), key=_order)
    for (module, alias), group in groupby(named, key=lambda each: (each.module, _as(each))):
        names = [each.name for each in group]
        yield f"from {module} import {', '.join(names)}{alias}"


def _as(one: Import) -> str:
    return f" as {one.alias}" if one.alias else ""


def _order(one: Import) -> tuple[str, bool, bool, bool, str, str]:
    """By module; then constants, classes, and the rest."""
    is_constant = len(one.name) > 1 and one.name.isupper()
    is_class = one.name[0].isupper() and not is_constant
    rank = (not is_constant, not is_class)
    return (one.module.lower(), bool(one.alias), *rank, one.name.lower(), one.alias)
