"""Compares Python code regardless of its formatting: an edit that only formats is none."""

import ast
import copy
import io
import textwrap
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from fastgen.codemods.bindings import Import
from fastgen.merge.regions import Clean, Conflict, Region
from fastgen.source_files import NOT_PARSED


def settled(path: str, regions: Iterable[Region]) -> Sequence[Region]:
    """The regions of a module without the conflicts in which one side has only formatted."""
    return [
        _settled(each) if isinstance(each, Conflict) and path.endswith(".py") else each
        for each in regions
    ]


def is_same_code(path: str, one: str, other: str) -> bool:
    """Whether two modules have the same statements and comments, in any order of imports."""
    meaning = _meaning(one, sorts=True) if path.endswith(".py") else None
    return meaning is not None and meaning == _meaning(other, sorts=True)


def is_only_formatted(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether lines of two modules are the same but for their formatting."""
    meaning = _meaning_of_lines(one)
    return one == other or (meaning is not None and meaning == _meaning_of_lines(other))


def _settled(conflict: Conflict) -> Region:
    base, ours, theirs = (
        _meaning_of_lines(side) for side in (conflict.base, conflict.ours, conflict.theirs)
    )
    if base is None or base not in (ours, theirs):
        return conflict
    return Clean(conflict.theirs if base == ours else conflict.ours)


def _meaning_of_lines(lines: Sequence[str]) -> tuple[str, ...] | None:
    """That of statements, or of the first line of a block, with their indentation."""
    text = textwrap.dedent("".join(lines))
    found = _meaning(text) or _meaning(f"{text.rstrip()} pass\n")
    indentation = next((line[: len(line) - len(line.lstrip())] for line in lines), "")
    return (indentation, *found) if found else None


def _meaning(text: str, *, sorts: bool = False) -> tuple[str, ...] | None:
    """The statements and the comments; None if it is not valid, or if there is neither."""
    try:
        tree = ast.parse(text)
        tokens = [*tokenize.generate_tokens(io.StringIO(text).readline)]
    except (*NOT_PARSED, tokenize.TokenError):
        return None
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    body = _with_sorted_imports(tree.body) if sorts else map(ast.dump, tree.body)
    return (*body, *comments) or None


def _with_sorted_imports(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The statements of a module; imports that follow each other as sorted imports of one name."""
    for is_import, nodes in groupby(body, lambda node: isinstance(node, Import)):
        found = [ast.dump(single) for node in nodes for single in _singles(node)]
        yield from sorted(found) if is_import else found


def _singles(node: ast.stmt) -> Iterator[ast.stmt]:
    if not isinstance(node, Import):
        yield node
        return
    for alias in node.names:
        single = copy.copy(node)
        single.names = [alias]
        yield single
