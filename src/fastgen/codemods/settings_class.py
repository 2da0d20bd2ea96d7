"""The project's own settings: annotated attributes of one class."""

import ast
from collections.abc import Mapping, Sequence
from copy import deepcopy

from fastgen.codemods.bindings import bindings, bound_names, meaning, used_names
from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditRefused, EditResult
from fastgen.codemods.import_statements import with_import, without_unused
from fastgen.codemods.python_source import Source, parsed

PACKAGE = "app"
CORE = "app.core.config.CoreSettings"


def add_settings(source: str, lines: Sequence[str], imports: Sequence[str]) -> EditResult:
    """Add settings to the class, each a line such as `size: int = 1`."""
    try:
        before = Source(source)
        after = _added(before, lines, imports)
    except EditRefused as problem:
        return CannotEdit(str(problem), "\n".join([*imports, *lines]))
    return AlreadyThere() if after is before else Edited(after.full_text)


def remove_settings(source: str, lines: Sequence[str], imports: Sequence[str]) -> EditResult:
    """Remove settings, whatever their defaults, and imports that only they used."""
    try:
        before = Source(source)
        after = _removed(before, lines, imports)
    except EditRefused as problem:
        return CannotEdit(str(problem), "\n".join(lines))
    return AlreadyThere() if after is before else Edited(after.full_text)


def _added(source: Source, lines: Sequence[str], imports: Sequence[str]) -> Source:
    settings = _class(source.tree)
    wanted, known = _names(lines), _attributes(settings)
    pasted = {
        name for name in wanted & known.keys() if _is_pasted(source.tree, name, lines, imports)
    }
    if others := sorted(wanted & known.keys() - pasted):
        raise EditRefused(f"there is another setting `{others[0]}` already")
    if wanted == pasted:
        unbound = used_names(source.tree).keys() - bound_names(source.tree)
        imports = [line for line in imports if line.split()[-1] in unbound]
    elif taken := sorted(wanted & (known.keys() | bound_names(ast.Module(settings.body, [])))):
        raise EditRefused(f"there is a setting `{taken[0]}` already")
    else:
        after = _last(settings, known)
        source.lines_of(after)
        indent, end = source.indent_of(after), source.end(after)
        source = source.insert_below(settings.body, end, ["", *lines], indent=indent)
    for line in imports:
        source = with_import(source, line, PACKAGE)
    return source


def _is_pasted(tree: ast.Module, name: str, lines: Sequence[str], imports: Sequence[str]) -> bool:
    """Whether a setting is one of the lines, whatever the names of their imports."""
    own = dict(bindings(parsed("\n".join(imports)), PACKAGE))
    wanted = _attributes(ast.ClassDef("Settings", [], [], parsed("\n".join(lines)).body, []))
    present = _attributes(_class(tree))
    return _meaning(present[name], {**own, **dict(bindings(tree, PACKAGE))}) == _meaning(
        wanted[name], own
    )


def _meaning(node: ast.stmt, bound: Mapping[str, str]) -> str:
    """A statement with the objects that its names are bound to."""
    tree = deepcopy(node)
    for each in ast.walk(tree):
        if isinstance(each, ast.Name):
            each.id = bound.get(each.id, each.id)
    return ast.dump(tree)


def _last(settings: ast.ClassDef, known: dict[str, ast.stmt]) -> ast.stmt:
    """The statement that further settings follow: the last setting, or the docstring."""
    body = settings.body
    last = max(body.index(node) for node in known.values()) if known else 0
    if not known and not _is_text(body[0]):
        raise EditRefused(f"line {settings.lineno} has no setting to follow")
    is_documented = known and last + 1 < len(body) and _is_text(body[last + 1])
    return body[last + 1] if is_documented else body[last]


def _removed(source: Source, lines: Sequence[str], imports: Sequence[str]) -> Source:
    wanted = _names(lines)
    were_used: set[str] = set()
    is_first = True
    while found := _found(source.tree, wanted):
        settings, node = found
        were_used |= used_names(node).keys()
        source = source.delete(settings.body, node, blank_above=is_first)
        is_first = False
    return without_unused(source, imports, were_used)


def _found(tree: ast.Module, wanted: set[str]) -> tuple[ast.ClassDef, ast.stmt] | None:
    """The first of the settings that is there."""
    settings = _class(tree)
    nodes = [node for name, node in _attributes(settings).items() if name in wanted]
    return (settings, min(nodes, key=lambda node: node.lineno)) if nodes else None


def _class(tree: ast.Module) -> ast.ClassDef:
    """The class of the settings: `Settings`, or the only one that derives from `CoreSettings`."""
    bound = dict(bindings(tree, "app"))
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and CORE in [meaning(base, bound) for base in node.bases]
    ]
    named = [node for node in found if node.name == "Settings"] or found
    if len(named) != 1:
        raise EditRefused("there is no one class of settings that derives from `CoreSettings`")
    return named[0]


def _attributes(settings: ast.ClassDef) -> dict[str, ast.stmt]:
    return {
        node.target.id: node
        for node in settings.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _names(lines: Sequence[str]) -> set[str]:
    return {line.partition(":")[0] for line in lines}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
