"""Finds the router that includes others, however it is called and wherever it is made."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fastgen.codemods.edit_result import Unclear
from fastgen.codemods.import_statements import meaning
from fastgen.codemods.python_source import blocks

FACTORIES = ("fastapi.APIRouter", "fastapi.routing.APIRouter")


@dataclass(frozen=True, slots=True)
class Parent:
    """The router that includes the others."""

    name: str
    last: ast.stmt
    """The statement behind which the next call belongs."""


def parent_of(tree: ast.Module, bound: dict[str, str]) -> Parent:
    """Raises Unclear if there is none, or no telling which one."""
    for block in blocks(tree):
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
            raise Unclear(f"there are several routers: {names}")
        last = [node for node in block if node is found[name] or _mentions_call(node, name)][-1]
        below = block[block.index(last) + 1 : block.index(last) + 2]
        return Parent(name, below[0] if below and _is_text(below[0]) else last)
    raise Unclear("there is no `router = APIRouter()`")


def _is_text(node: ast.stmt) -> bool:
    """Whether it is a text that documents what is above it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _assigned(node: ast.stmt, bound: dict[str, str], is_top: bool) -> Iterator[str]:
    """The names that the statement gives to a new router."""
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
    """The name of what the statement includes a router into."""
    match node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="include_router"))
        ):
            return name
    return ""


def _mentions_call(node: ast.stmt, name: str) -> bool:
    """Whether the statement, or one inside of it that runs with it, includes into `name`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(_call_on(inner) == name for inner in ast.walk(node) if isinstance(inner, ast.stmt))
