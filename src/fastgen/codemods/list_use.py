"""Checks that a list reaches the result of the project's function `middleware`."""

import ast
import builtins
from collections.abc import Collection, Iterator

from fastgen.codemods.bindings import bindings
from fastgen.codemods.code_paths import SCOPES, never_ends, own_nodes, returns_of
from fastgen.codemods.edit_result import EditRefused

PACKAGE = "app.middleware"
SETTINGS = "app.settings"
"""The module of the settings, which is not the object that elements use."""
FUNCTION = "middleware"
"""The function that the application calls."""

_HOLDERS = ("list", "tuple")
"""The calls whose result has the list that they are given."""
_CONDITIONS = ast.If | ast.For | ast.AsyncFor | ast.While | ast.Match | ast.ExceptHandler

Parents = dict[ast.AST, ast.AST]


def check_use(tree: ast.Module, node: ast.expr, names: Collection[str]) -> None:
    """Check that a list is always part of the result, and that names have a value there.

    Args:
        tree: a module.
        node: a list in it.
        names: the names that a new element uses, besides those that it imports.

    Raises:
        EditRefused: the list or a name fails the check.
    """
    function = _function(tree)
    parents = {child: above for above in ast.walk(tree) for child in ast.iter_child_nodes(above)}
    results = {*_results(tree, function, node, parents, set())}
    if not results:
        raise EditRefused(f"`{FUNCTION}` does not return the list in line {node.lineno}")
    for other in returns_of(function.body):
        is_empty = isinstance(other.value, ast.List | ast.Tuple) and not other.value.elts
        if other not in results and not is_empty:
            raise EditRefused(f"line {other.lineno} returns another list")
    known = _names_at(tree, function, node, parents)
    for name in sorted({*names} - {*dir(builtins)}):
        if name not in known:
            raise EditRefused(f"`{name}` has no value at the list in line {node.lineno}")


def _function(tree: ast.Module) -> ast.FunctionDef:
    """The one function of that name; nothing else in the module may have the name."""
    found = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION
    ]
    others = [
        node
        for node in own_nodes(tree.body)
        if (isinstance(node, ast.Name) and node.id == FUNCTION and _is_changed(node))
        or (isinstance(node, ast.alias) and (node.asname or node.name) == FUNCTION)
        or (isinstance(node, SCOPES) and getattr(node, "name", "") == FUNCTION)
    ]
    if len(found) != 1 or others != found:
        raise EditRefused(f"there is not exactly one function `{FUNCTION}`")
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(found[0].body)):
        raise EditRefused(f"`{FUNCTION}` is a generator")
    return found[0]


def _results(
    tree: ast.Module,
    function: ast.FunctionDef,
    node: ast.expr,
    parents: Parents,
    followed: set[str],
) -> Iterator[ast.Return]:
    """The `return` statements that a value always reaches, by itself or by a name."""
    statement = _statement(node, parents)
    match statement:
        case ast.Return():
            if _scope(statement, parents) is function and not _is_unreachable(statement, parents):
                yield statement
            return
        case ast.Assign(targets=[ast.Name(id=name)]):
            pass
        case ast.AnnAssign(target=ast.Name(id=name)):
            pass
        case _:
            return
    if (
        name in followed
        or _scope(statement, parents) not in (function, tree)
        or _is_conditional(statement, parents)
        or _is_unreachable(statement, parents)
        or not _is_bound_once(tree, name)
    ):
        return
    for use in ast.walk(tree):
        if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load):
            yield from _results(tree, function, use, parents, followed | {name})


def _statement(node: ast.expr, parents: Parents) -> ast.stmt | None:
    """The statement whose value has another value as a part, whatever else is true."""
    child: ast.AST = node
    while child in parents:
        above = parents[child]
        match above:
            case ast.Return() | ast.Assign() | ast.AnnAssign():
                return above if above.value is child else None
            case ast.List() | ast.Tuple() | ast.Starred():
                pass
            case ast.BinOp(op=ast.Add()):
                pass
            case ast.Call(func=ast.Name(id=word)) if word in _HOLDERS:
                pass
            case _:
                return None
        child = above
    return None


def _up(node: ast.AST, parents: Parents) -> Iterator[ast.AST]:
    """The ancestors of a node, up to its function, class or module."""
    while node in parents:
        node = parents[node]
        yield node
        if isinstance(node, SCOPES):
            return


def _scope(node: ast.AST, parents: Parents) -> ast.AST:
    return [*_up(node, parents)][-1]


def _is_conditional(node: ast.AST, parents: Parents) -> bool:
    return any(isinstance(above, _CONDITIONS) for above in _up(node, parents))


def _is_unreachable(node: ast.AST, parents: Parents) -> bool:
    """Whether a statement is behind another one that always leaves."""
    for above in _up(node, parents):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(above, part, None)
            if isinstance(block, list) and node in block and never_ends(block[: block.index(node)]):
                return True
        node = above
    return False


def _is_changed(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _is_bound_once(tree: ast.Module, name: str) -> bool:
    """Whether the name has one value in the whole module; `+=` may add to it."""
    grown = {
        node.target
        for node in ast.walk(tree)
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)
    }
    count = 0
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=other) if other == name and _is_changed(node) and node not in grown:
                count += 1
            case ast.arg(arg=other) | ast.alias(asname=str(other)) | ast.alias(name=other) if (
                other == name
            ):
                count += 1
    return count == 1


def _names_at(
    tree: ast.Module, function: ast.FunctionDef, node: ast.expr, parents: Parents
) -> set[str]:
    """The parameters, imports, and names that earlier statements of the same blocks assign."""
    imports = [each for each in tree.body if isinstance(each, ast.ImportFrom)]
    imported = {
        name for name, path in bindings(ast.Module([*imports], []), PACKAGE) if path != SETTINGS
    }
    if _scope(node, parents) is tree:
        return imported | _assigned(tree.body, node)
    arguments = function.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    own = {
        each.id
        for each in own_nodes(function.body)
        if isinstance(each, ast.Name) and _is_changed(each)
    }
    found = (imported | _assigned(tree.body, None)) - own
    return found | {each.arg for each in parameters} | _assigned(function.body, node)


def _assigned(block: list[ast.stmt], before: ast.expr | None) -> set[str]:
    """The names that statements of a block assign, those above an expression if there is one."""
    found = set()
    for node in block:
        if before is None or (node.end_lineno or node.lineno) < before.lineno:
            match node:
                case ast.Assign(targets=targets):
                    found |= {each.id for each in targets if isinstance(each, ast.Name)}
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                    found.add(name)
    return found
