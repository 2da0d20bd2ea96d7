"""The project's list of its resources: an import and an `include_router` call for each."""

import ast
from collections.abc import Collection
from dataclasses import dataclass

from fastgen.codemods.bindings import (
    bindings,
    blocks,
    bound_names,
    imported_names,
    meaning,
    used_names,
)
from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditRefused, EditResult
from fastgen.codemods.import_statements import insert_import, remove_name
from fastgen.codemods.parent_router import parent_of
from fastgen.codemods.python_source import Block, Source


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
        before = Source(source)
        after = _included(before, router)
    except EditRefused as problem:
        return CannotEdit(str(problem), f"{router.imported()}\n{router.called()}")
    return AlreadyThere() if after is before else Edited(after.full_text)


def exclude_router(source: str, *, module: str) -> EditResult:
    """Remove the import of the router of `module`, and the calls that include it."""
    try:
        before = Source(source)
        after = _excluded(before, module)
    except EditRefused as problem:
        lines = f"the import of `{module}`, and the calls that include its router"
        return CannotEdit(str(problem), lines)
    return AlreadyThere() if after is before else Edited(after.full_text)


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


def _included(source: Source, router: _Router) -> Source:
    package = router.module.rpartition(".")[0]
    bound = dict(bindings(source.tree, package))
    wanted = f"{router.module}.router"
    if _calls(source.tree, wanted, bound):
        return source
    if where := _taken(source.tree, router, bound):
        raise EditRefused(f"line {where} includes something else at `{router.prefix}`")
    imported = imported_names(source.tree, package)
    known = next((own for own, path in imported.items() if path == wanted), None)
    name = known or _free_name(router.name, bound_names(source.tree))
    parent = parent_of(source.tree, bound)
    call = router.called(name, parent.name)
    indent = source.indent_of(parent.last)
    end = source.end(parent.last)
    source = source.insert_below(parent.block, end, [call], indent=indent)
    return source if known else insert_import(source, router.imported(name))


def _excluded(source: Source, module: str) -> Source:
    wanted, package = f"{module}.router", module.rpartition(".")[0]
    bound = dict(bindings(source.tree, package))
    names = [own for own, of in bound.items() if of in (wanted, module)]
    calls = _calls(source.tree, wanted, bound)
    if not calls and not names:
        return source
    _check_not_by_path(source.tree, module)
    for name in names:
        if used_names(source.tree)[name] > len(calls):
            raise EditRefused(f"`{name}` is used there for something else too")
    while calls := _calls(source.tree, wanted, bound):
        source = source.delete(*calls[0])
    for name in names:
        source = remove_name(source, _import_of(source.tree, name), name)
    return source


def _calls(tree: ast.Module, wanted: str, bound: dict[str, str]) -> list[tuple[Block, ast.Expr]]:
    """The statements that include a router, each with its block."""
    return [
        (block, node)
        for block in blocks(tree)
        for node in block
        if isinstance(node, ast.Expr)
        and isinstance(call := node.value, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "include_router"
        and any(meaning(value, bound) == wanted for value in _values(call))
    ]


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:1], *(word.value for word in call.keywords if word.arg == "router")]


def _taken(tree: ast.Module, router: _Router, bound: dict[str, str]) -> int | None:
    """The line that includes another router at the same prefix."""
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
    raise EditRefused(f"`{name}` means something else there already")


def _import_of(tree: ast.Module, name: str) -> ast.ImportFrom:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            names = [alias.asname or alias.name for alias in node.names]
            if names == [name]:
                return node
            if name in names:
                raise EditRefused(f"line {node.lineno} imports it together with others")
    raise EditRefused(f"`{name}` is not imported at the top of the module")


def _check_not_by_path(tree: ast.Module, module: str) -> None:
    """Raises EditRefused if the module is imported as `import app.api.v1.orders`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and module in [alias.name for alias in node.names]:
            raise EditRefused(f"line {node.lineno} imports it by its whole path")
