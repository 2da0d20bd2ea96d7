"""The project's ordered list of its middleware: an import and an element for each."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fastgen.codemods.bindings import bindings, bound_names, meaning, own_names, used_names
from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditRefused, EditResult
from fastgen.codemods.import_statements import remove_name, with_import, without_unused
from fastgen.codemods.list_elements import (
    ListNode,
    expression,
    find_list,
    insert_element,
    lists_with,
    remove_element,
    unpacked_by,
)
from fastgen.codemods.list_use import PACKAGE, check_use
from fastgen.codemods.python_source import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A middleware as it is written in the list."""

    module: str
    name: str
    """The class."""
    code: str
    """The element of the list."""
    order: Sequence[str]
    """The classes in the order of the list."""
    imports: Sequence[str] = ()
    """Further imports of the code, as lines."""

    @property
    def import_line(self) -> str:
        return f"from {self.module} import {self.name}"

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}"


def add_middleware(source: str, entry: Entry) -> EditResult:
    """Import the middleware, and insert it at its place in the list."""
    try:
        before = Source(source)
        after = _added(before, entry)
    except EditRefused as problem:
        lines = [entry.import_line, *entry.imports, f"{entry.code},"]
        return CannotEdit(str(problem), "\n".join(lines))
    return AlreadyThere() if after is before else Edited(after.full_text)


def remove_middleware(source: str, entry: Entry) -> EditResult:
    """Remove the element of the middleware, and its import."""
    try:
        before = Source(source)
        after = _removed(before, entry)
    except EditRefused as problem:
        return CannotEdit(str(problem), f"the import of `{entry.name}`, and where it is used")
    return AlreadyThere() if after is before else Edited(after.full_text)


def _added(source: Source, entry: Entry) -> Source:
    bound = dict(bindings(source.tree, PACKAGE))
    lines = [entry.import_line, *entry.imports]
    has_import = entry.name in bound_names(source.tree)
    if _is_used(source.tree, entry, bound):
        lines = _without_binding(source.tree, lines)
    elif has_import and bound.get(entry.name) != entry.path:
        raise EditRefused(f"`{entry.name}` means something else there already")
    elif not has_import and entry.name in used_names(source.tree):
        lines = _without_binding(source.tree, lines)
    else:
        elements = find_list(source.tree, lambda element: _is_member(element, entry, bound))
        check_use(source.tree, elements, _free_names(entry))
        index = _index(elements, entry, bound)
        source = insert_element(source, elements, index, entry.code)
    for line in lines:
        source = with_import(source, line, PACKAGE)
    return source


def _free_names(entry: Entry) -> set[str]:
    """The names that the code uses and does not import."""
    imported = {entry.name, *(line.split()[-1] for line in entry.imports)}
    code = expression(entry.code)
    own = own_names(ast.Module([ast.Expr(code)], []))
    return used_names(code).keys() - imported - own


def _without_binding(tree: ast.Module, lines: Sequence[str]) -> list[str]:
    """The imports that an element which was pasted by hand lacks."""
    unbound = used_names(tree).keys() - bound_names(tree)
    return [line for line in lines if line.split()[-1] in unbound]


def _is_used(tree: ast.Module, entry: Entry, bound: Mapping[str, str]) -> bool:
    """Whether the module uses the middleware, for more than annotations."""
    annotations = [
        annotation
        for node in ast.walk(tree)
        for part in ("annotation", "returns")
        if isinstance(annotation := getattr(node, part, None), ast.expr)
    ]
    ignored = {node for annotation in annotations for node in ast.walk(annotation)}
    return any(
        node not in ignored and meaning(node, bound) == entry.path for node in ast.walk(tree)
    )


def _is_member(element: ast.expr, entry: Entry, bound: Mapping[str, str]) -> bool:
    """Whether an element is one of the middleware among which the entry has its place."""
    if isinstance(element, ast.List | ast.Tuple):
        return False
    return bool(_names(element, entry, bound) & {*entry.order} - {entry.name})


def _index(elements: ListNode, entry: Entry, bound: Mapping[str, str]) -> int:
    """Behind the last one that comes earlier, or before the first one that comes later."""
    if entry.name not in entry.order:
        return len(elements.elts)
    position = entry.order.index(entry.name)
    earlier, later = {*entry.order[:position]}, {*entry.order[position + 1 :]}
    names = [_names(element, entry, bound) for element in elements.elts]
    before = [index for index, found in enumerate(names) if found & earlier]
    after = [index for index, found in enumerate(names) if found & later]
    if before:
        return before[-1] + 1
    return after[0] if after else len(names)


def _names(element: ast.expr, entry: Entry, bound: Mapping[str, str]) -> set[str]:
    """The names of an element, in calls if the entry is one: `A()`, `Middleware(A)`."""
    parts: list[ast.AST] = [*ast.walk(element)]
    if _has_call(entry.code):
        calls = [node for node in parts if isinstance(node, ast.Call)]
        words = [word.value for call in calls for word in call.keywords]
        parts = [*words, *(part for call in calls for part in (call.func, *call.args))]
    paths = [
        meaning(part, bound) or (part.id if isinstance(part, ast.Name) else "") for part in parts
    ]
    return {path.rpartition(".")[2] for path in paths}


@cache
def _has_call(code: str) -> bool:
    return any(isinstance(node, ast.Call) for node in ast.walk(expression(code)))


def _removed(source: Source, entry: Entry) -> Source:
    bound = dict(bindings(source.tree, PACKAGE))
    names = [name for name, path in bound.items() if path == entry.path]
    if not names:
        if _is_used(source.tree, entry, bound):
            raise EditRefused(f"`{entry.name}` is not imported by its name")
        return source
    name = names[0]
    found = lists_with(source.tree, lambda element: name in used_names(element))
    if len(names) > 1 or len(found) != 1 or used_names(source.tree)[name] != 1:
        raise EditRefused(f"`{name}` is not used in one list alone")
    elements, index = unpacked_by(source.tree, *found[0])
    element = elements.elts[index]
    _check_no_other(source.tree, element, name, entry, bound)
    source = remove_element(source, elements, index)
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and name in _bound_by(node):
            source = remove_name(source, node, name)
            return without_unused(source, entry.imports, used_names(element))
    raise EditRefused(f"`{name}` is not imported at the top of the module")


def _bound_by(node: ast.ImportFrom) -> list[str]:
    return [alias.asname or alias.name for alias in node.names]


def _check_no_other(
    tree: ast.Module, element: ast.expr, name: str, entry: Entry, bound: Mapping[str, str]
) -> None:
    """Refuse an element that holds another middleware too."""
    expected = {name, *used_names(expression(entry.code))}
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    others = [
        other
        for other in used_names(element)
        if other not in expected
        and (other in {*defined, *entry.order} or bound.get(other, "").startswith(f"{PACKAGE}."))
    ]
    if others:
        raise EditRefused(f"the element of `{name}` uses `{others[0]}` too")
