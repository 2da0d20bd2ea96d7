"""Finds the router that includes the others, whatever its name, in the module or a function."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fastgen.codemods.bindings import meaning
from fastgen.codemods.code_paths import never_ends, returns_of
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
    found = _routers(tree.body, bound, is_top=True)
    makers = {
        node: made
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (made := _routers(node.body, bound, is_top=False))
    }
    if found:
        name = _chosen(found)
        if name != "router":
            _chosen(
                {**found, **{key: node for made in makers.values() for key, node in made.items()}}
            )
        return _parent(name, found[name], tree.body)
    if not makers:
        raise EditRefused("there is no `router = APIRouter()`")
    if len(makers) > 1:
        names = ", ".join(f"`{node.name}`" for node in makers)
        raise EditRefused(f"several functions make routers: {names}")
    function, found = makers.popitem()
    if function not in tree.body:
        raise EditRefused(f"`{function.name}` is no function of the module itself")
    name = _chosen(found)
    parent = _parent(name, found[name], function.body)
    _check_returned(function.body[function.body.index(parent.last) + 1 :], name)
    return parent


def _routers(block: Block, bound: dict[str, str], *, is_top: bool) -> dict[str, ast.stmt]:
    """The routers that a block makes, or includes others in, with their statements."""
    found = {name: node for node in block for name in _assigned(node, bound, is_top)}
    for name in sorted({_call_on(node) for node in block} & bound.keys()):
        found.setdefault(name, block[0])
    return found


def _chosen(found: dict[str, ast.stmt]) -> str:
    name = "router" if "router" in found else next(iter(found))
    if len(found) > 1 and name != "router":
        names = ", ".join(f"`{name}`" for name in found)
        raise EditRefused(f"there are several routers: {names}")
    return name


def _parent(name: str, made: ast.stmt, block: Block) -> Parent:
    last = [node for node in block if node is made or _mentions_call(node, name)][-1]
    index = block.index(last) + 1
    if returns := returns_of(block[:index]):
        raise EditRefused(f"line {returns[0].lineno} returns before the next call")
    if never_ends(block[:index]):
        raise EditRefused(f"the code below line {last.lineno} does not run")
    below = block[index : index + 1]
    return Parent(name, block, below[0] if below and _is_text(below[0]) else last)


def _check_returned(below: Block, name: str) -> None:
    """Refuse a function that does not return the router, or sometimes something else."""
    returns = returns_of(below)
    for node in returns:
        if not isinstance(node.value, ast.Name) or node.value.id != name:
            raise EditRefused(f"line {node.lineno} does not return `{name}`")
    if not returns:
        raise EditRefused(f"the function does not return `{name}`")


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
