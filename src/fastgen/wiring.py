"""Edits of source text: pure functions that say what they did, or what to paste by hand.

`ast` finds the place, whole lines go in, and the result is parsed again. Every other byte stays.
"""

import ast
from dataclasses import dataclass

from fastgen.layout import lay_out


@dataclass(frozen=True, slots=True)
class Wired:
    """The text with what was missing."""

    source: str


@dataclass(frozen=True, slots=True)
class AlreadyWired:
    """Nothing was missing."""


@dataclass(frozen=True, slots=True)
class CannotWire:
    """There is no telling where it belongs."""

    reason: str
    paste: str
    """The lines that do it."""


Outcome = Wired | AlreadyWired | CannotWire


def include_router(source: str, *, module: str, prefix: str, tag: str) -> Outcome:
    """Import the router of `module`, and include it after those that are included already.

    Args:
        source: the text of a module with a `router` that includes others.
        module: where the new router is, such as `app.api.v1.orders`.
        prefix: where its routes go, such as `/orders`.
        tag: what the documentation groups them by.
    """
    name = module.rpartition(".")[2]
    import_line = f"from {module} import router as {name}"
    call_line = f'router.include_router({name}, prefix="{prefix}", tags=["{tag}"])'
    paste = f"{import_line}\n{call_line}"
    try:
        tree = ast.parse(source.removeprefix("\ufeff"))
    except SyntaxError as error:
        return CannotWire(f"line {error.lineno} is not valid Python", paste)
    imported_as = _imported_router(tree, module)
    if imported_as is not None and _is_included(tree, imported_as):
        return AlreadyWired()
    if imported_as is not None or name in _bound_names(tree):
        return CannotWire(f"`{name}` means something else there already", paste)
    if (parent := _assigned_router(tree)) is None:
        return CannotWire("there is no `router = APIRouter()` at its top level", paste)
    newline = "\r\n" if "\r\n" in source else "\n"
    lines = source.split("\n")
    # From the bottom up, so that the numbers of the lines above stay true.
    calls = [statement for statement in tree.body if _included_name(statement) is not None]
    _insert(lines, after=_end(calls[-1] if calls else parent), text=call_line, newline=newline)
    _insert_import(lines, tree, import_line, newline)
    wired = "\n".join(lines)
    ast.parse(wired.removeprefix("\ufeff"))
    return Wired(wired)


def _imported_router(tree: ast.Module, module: str) -> str | None:
    """The name that the router of `module` has here, if it is imported."""
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == module:
            for alias in statement.names:
                if alias.name == "router":
                    return alias.asname or alias.name
    return None


def _included_name(statement: ast.stmt) -> str | None:
    """The name of the router that the statement includes, if it does."""
    if not isinstance(statement, ast.Expr) or not isinstance(call := statement.value, ast.Call):
        return None
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "include_router":
        return None
    return call.args[0].id if call.args and isinstance(call.args[0], ast.Name) else ""


def _is_included(tree: ast.Module, name: str) -> bool:
    return any(_included_name(statement) == name for statement in tree.body)


def _assigned_router(tree: ast.Module) -> ast.stmt | None:
    """The statement `router = APIRouter(...)`."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if names == ["router"]:
                return statement
    return None


def _bound_names(tree: ast.Module) -> set[str]:
    """What is called something at the top level of the module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def _insert_import(lines: list[str], tree: ast.Module, line: str, newline: str) -> None:
    """Put a `from` import where a sorted list of them has it."""
    package = line.split()[1].partition(".")[0]
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    own = [
        node
        for node in imports
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package
    ]
    before = [node for node in own if f"from {node.module} " < line]
    if own:
        after = _end(before[-1]) if before else own[0].lineno - 1
        _insert(lines, after=after, text=line, newline=newline)
    else:
        # A section of its own, below all others.
        after = _end(imports[-1]) if imports else 0
        _insert(lines, after=after, text=f"\n{line}", newline=newline)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _insert(lines: list[str], *, after: int, text: str, newline: str) -> None:
    """Insert whole lines below line number `after`; `lines` were split at the line feeds."""
    end = newline.removesuffix("\n")
    lines[after:after] = [part + end for part in lay_out(text).split("\n")]
