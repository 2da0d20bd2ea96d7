"""Finds the router that includes the others, whatever its name, in the module or a function."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fastgen.codemods.bindings import meaning
from fastgen.codemods.edit_result import EditRefused
from fastgen.codemods.python_source import Block

FACTORIES = ("fastapi.APIRouter", "fastapi.routing.APIRouter")


@dataclass(frozen=True, slots=True)
class Parent:
    """The router that includes the others."""

    name: str
    block: Block
    last: ast.stmt
    """The statement of the block that the next call follows."""


def parent_of(tree: ast.Module, bound: dict[str, str]) -> Parent:
    """Find it.

    Raises:
        EditRefused: there is none, or there are several.
    """
    for block in _blocks(tree):
        found = {
            name: node for node in block for name in _assigned(node, bound, block is tree.body)
        }
        for name in sorted({_call_on(node) for node in block} & bound.keys()):
            found.setdefault(name, block[0])
        if not found:
            continue
        name = "router" if "router" in found else next(iter(found))
        if len(found) > 1 and name != "router":
            names = ", ".join(f"`{name}`" for name in found)
            raise EditRefused(f"there are several routers: {names}")
        last = [node for node in block if node is found[name] or _mentions_call(node, name)][-1]
        below = block[block.index(last) + 1 : block.index(last) + 2]
        return Parent(name, block, below[0] if below and _is_text(below[0]) else last)
    raise EditRefused("there is no `router = APIRouter()`")


def _blocks(tree: ast.Module) -> Iterator[Block]:
    """The statements of the module, then those of its functions."""
    yield tree.body
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.body


def _is_text(node: ast.stmt) -> bool:
    """Whether it is a docstring of the statement above it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _assigned(node: ast.stmt, bound: dict[str, str], is_top: bool) -> Iterator[str]:
    """The names that the statement assigns a new router to."""
    match node:
        case ast.Assign(targets=targets, value=ast.Call(func=function)):
            pass
        case ast.AnnAssign(target=target, value=ast.Call(func=function)):
            targets = [target]
        case _:
            return
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    is_router = meaning(function, bound) in FACTORIES
    yield from (name for name in names if is_router or (is_top and name == "router"))


def _call_on(node: ast.stmt) -> str:
    """The name of the router that the statement includes another one in."""
    match node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="include_router"))
        ):
            return name
    return ""


def _mentions_call(node: ast.stmt, name: str) -> bool:
    """Whether the statement, or one that runs inside it, includes a router in `name`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(_call_on(inner) == name for inner in ast.walk(node) if isinstance(inner, ast.stmt))
