"""The project's list of its resources: an import and a call for each router."""

import ast
from collections.abc import Collection
from dataclasses import dataclass

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult, Unclear
from fastgen.codemods.import_statements import bindings, delete_import, insert_import, meaning
from fastgen.codemods.parent_router import parent_of
from fastgen.codemods.python_source import (
    Source,
    bound_names,
    check_added,
    check_removed,
    end_of,
    used_names,
)


def include_router(
    source: str, *, module: str, prefix: str, tag: str, together: Collection[str] = ()
) -> EditResult:
    """Import the router of `module`, and include it after those that are included already.

    Args:
        source: the text of a module with a `router` that includes others.
        module: where the new router is, such as `app.api.v1.orders`.
        prefix: where its routes go, such as `/orders`.
        tag: what the documentation groups them by.
        together: other modules whose routers may be at the same prefix.
    """
    router = _Router(module, prefix, tag, frozenset(together))
    try:
        edited = _included(Source(source), router)
    except Unclear as problem:
        return CannotEdit(str(problem), f"{router.imported()}\n{router.called()}")
    return AlreadyThere() if edited is None else Edited(edited)


def exclude_router(source: str, *, module: str) -> EditResult:
    """Take the import and the calls of the router of `module` away."""
    try:
        edited = _excluded(Source(source), module)
    except Unclear as problem:
        lines = f"the import of `{module}`, and the calls that include its router"
        return CannotEdit(str(problem), lines)
    return AlreadyThere() if edited is None else Edited(edited)


@dataclass(frozen=True, slots=True)
class _Router:
    """A router that is to be included."""

    module: str
    prefix: str
    tag: str
    together: frozenset[str]

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2]

    def imported(self, name: str = "") -> str:
        return f"from {self.module} import router as {name or self.name}"

    def called(self, name: str = "", parent: str = "router") -> str:
        arguments = f'{name or self.name}, prefix="{self.prefix}", tags=["{self.tag}"]'
        return f"{parent}.include_router({arguments})"


def _included(text: Source, router: _Router) -> str | None:
    """The text with the router; None if it is included already."""
    bound = dict(bindings(text.tree, router.module.rpartition(".")[0]))
    wanted = f"{router.module}.router"
    if _including(text.tree, wanted, bound):
        return None
    if where := _taken(text.tree, router, bound):
        raise Unclear(f"line {where} includes something else at `{router.prefix}`")
    known = next((own for own, of in bound.items() if of == wanted), None)
    name = known or _free_name(router.name, bound_names(text.tree))
    parent = parent_of(text.tree, bound)
    added = [router.called(name, parent.name)]
    text.insert(end_of(parent.last), f"{text.indent_of(parent.last)}{added[0]}")
    if known is None:
        added.append(router.imported(name))
        insert_import(text, added[1])
    edited = text.edited()
    check_added(text.tree, edited, added)
    return edited


def _excluded(text: Source, module: str) -> str | None:
    """The text without the router; None if it is not there."""
    wanted = f"{module}.router"
    bound = dict(bindings(text.tree, module.rpartition(".")[0]))
    calls = _including(text.tree, wanted, bound)
    names = [own for own, of in bound.items() if of in (wanted, module)]
    if not calls and not names:
        return None
    _check_not_by_path(text.tree, module)
    removed: list[str] = []
    for statement in calls:
        _check_not_alone(text.tree, statement)
        text.delete(*text.alone_on_lines(statement))
        removed.append(ast.unparse(statement))
    for name in names:
        if used_names(text.tree)[name] > len(calls):
            raise Unclear(f"`{name}` is used there for something else too")
        node = _import_of(text.tree, name)
        delete_import(text, node)
        removed.append(ast.unparse(node))
    edited = text.edited()
    check_removed(text.tree, edited, removed)
    return edited


def _including(tree: ast.Module, wanted: str, bound: dict[str, str]) -> list[ast.Expr]:
    """The statements that include a router."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(call := node.value, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "include_router"
        and any(meaning(value, bound) == wanted for value in _values(call))
    ]


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:1], *(word.value for word in call.keywords if word.arg == "router")]


def _taken(tree: ast.Module, router: _Router, bound: dict[str, str]) -> int | None:
    """The line that includes something else at the same prefix."""
    own = {f"{module}.router" for module in router.together}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="include_router"), keywords=keywords):
                given = {word.arg: word.value for word in keywords}.get("prefix")
                is_own = any(meaning(value, bound) in own for value in _values(node))
                if isinstance(given, ast.Constant) and given.value == router.prefix and not is_own:
                    return node.lineno
    return None


def _free_name(name: str, taken: set[str]) -> str:
    for free in (name, f"{name}_router"):
        if free not in taken:
            return free
    raise Unclear(f"`{name}` means something else there already")


def _import_of(tree: ast.Module, name: str) -> ast.ImportFrom:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names = [alias.asname or alias.name for alias in node.names]
            if names == [name]:
                return node
            if name in names:
                raise Unclear(f"line {node.lineno} imports it together with others")
    raise Unclear(f"there is no telling where `{name}` comes from")


def _check_not_by_path(tree: ast.Module, module: str) -> None:
    """Raises Unclear if the module is imported as `import app.api.v1.orders`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and module in [alias.name for alias in node.names]:
            raise Unclear(f"line {node.lineno} imports it by its whole path")


def _check_not_alone(tree: ast.Module, statement: ast.stmt) -> None:
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if block == [statement] and node is not tree:
                raise Unclear(f"line {statement.lineno} is all that its block has")
