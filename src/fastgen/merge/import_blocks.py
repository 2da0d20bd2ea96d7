"""Merges the imports at the top of a module by name, where the lines of a merge collide."""

import ast
import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastgen.codemods.bindings import Import
from fastgen.codemods.import_statements import order_of, order_of_name, section_of
from fastgen.rendering.layout import lay_out
from fastgen.source_files import NOT_PARSED

Lines = Sequence[str]
_Key = tuple[int, str | None, str, str | None]
"""An imported name: the level and the module of its `from`, the name, and its other name."""
_PLAIN = -1
"""The level of an import without `from`."""


@dataclass(frozen=True, slots=True)
class _Block:
    """The imports of a text, which are without comments."""

    lines: Lines
    """Of the whole text."""
    nodes: Sequence[Import]
    names: frozenset[_Key]
    statements: Mapping[str, str]
    """The lines of each statement as it is written, by its plain form."""

    @property
    def start(self) -> int:
        return self.nodes[0].lineno - 1

    @property
    def end(self) -> int:
        return self.nodes[-1].end_lineno or 0

    @property
    def text(self) -> str:
        return "".join(self.lines[self.start : self.end])

    @property
    def is_sorted(self) -> bool:
        """Whether it is in the order of isort."""
        return _written(self.names, self.statements) == self.text


def with_equal_imports(sides: Sequence[Lines]) -> list[list[str]] | None:
    """Base, ours and theirs with the merged imports in each of them.

    Imports of ours that are in another order stay so, and new ones come last.

    None if a side has no block of imports, or one that has comments, or if two objects would have
    the same name.
    """
    blocks = [_block(lines) for lines in sides]
    base, ours, theirs = blocks
    if base is None or ours is None or theirs is None:
        return None
    if not (base.is_sorted and theirs.is_sorted):
        return None
    names = (ours.names & theirs.names) | (ours.names - base.names) | (theirs.names - base.names)
    bound = [other or name for level, _, name, other in names]
    if not names or len({*bound}) < len(bound):
        return None
    known = {**theirs.statements, **ours.statements}
    text = _written(names, known) if ours.is_sorted else _in_own_order(ours, names, known)
    merged = text.splitlines(keepends=True)
    return [
        [*lines[: block.start], *merged, *lines[block.end :]]
        for lines, block in zip(sides, (base, ours, theirs), strict=True)
    ]


def _block(lines: Lines) -> _Block | None:
    try:
        body = ast.parse("".join(lines)).body
    except NOT_PARSED:
        return None
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    imports: list[Import] = []
    for node in body:
        if not isinstance(node, Import):
            break
        imports.append(node)
    if not imports:
        return None
    names = frozenset(key for node in imports for key in _keys(node))
    written = {
        ast.unparse(node): "".join(lines[node.lineno - 1 : node.end_lineno]) for node in imports
    }
    block = _Block(lines, imports, names, written)
    return None if "#" in block.text or ";" in block.text else block


def _in_own_order(block: _Block, names: frozenset[_Key], known: Mapping[str, str]) -> str:
    """The block as people have sorted it, without the names that are gone."""
    lines = [*block.lines[block.start : block.end]]
    for node in reversed(block.nodes):
        left = [alias for alias, key in zip(node.names, _keys(node), strict=True) if key in names]
        if len(left) < len(node.names):
            kept = copy.copy(node)
            kept.names = left
            text = [f"{lay_out(ast.unparse(kept))}\n"] if left else []
            lines[node.lineno - 1 - block.start : (node.end_lineno or 0) - block.start] = text
    return "".join(lines) + _written(names - block.names, known)


def _keys(node: Import) -> Iterable[_Key]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield _PLAIN, None, alias.name, alias.asname
        else:
            yield node.level, node.module, alias.name, alias.asname


def _written(names: Iterable[_Key], known: Mapping[str, str]) -> str:
    """The statements in order; those that are known as they are written there."""
    statements = [*_statements(names)]
    statements.sort(key=lambda node: (section_of(node), *order_of(node), ast.unparse(node)))
    sections = groupby(statements, key=section_of)
    return "\n".join(
        "".join(known.get(line := ast.unparse(node)) or f"{lay_out(line)}\n" for node in section)
        for _, section in sections
    )


def _statements(names: Iterable[_Key]) -> Iterable[Import]:
    joined: dict[tuple[int, str | None], list[ast.alias]] = {}
    for level, module, name, other in names:
        alias = ast.alias(name, other)
        if level == _PLAIN:
            yield ast.Import([alias])
        elif other:
            yield ast.ImportFrom(module, [alias], level)
        else:
            joined.setdefault((level, module), []).append(alias)
    for (level, module), aliases in joined.items():
        aliases.sort(key=lambda alias: order_of_name(alias.name))
        yield ast.ImportFrom(module, aliases, level)
