"""The project's own settings: attributes of one class."""

import ast
from collections.abc import Sequence

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult, Unclear
from fastgen.codemods.import_statements import bindings, insert_import, remove_name
from fastgen.codemods.python_source import Source, end_of, used_names

CORE = "app.core.config.CoreSettings"


def add_settings(source: str, lines: Sequence[str], imports: Sequence[str]) -> EditResult:
    """Give the class of the settings further ones, each a line such as `size: int = 1`."""
    try:
        edited = _added(Source(source), lines, imports)
    except Unclear as problem:
        return CannotEdit(str(problem), "\n".join([*imports, *lines]))
    return AlreadyThere() if edited is None else Edited(edited)


def remove_settings(source: str, lines: Sequence[str], imports: Sequence[str]) -> EditResult:
    """Take settings away, whatever their defaults, and imports that nothing else needs."""
    try:
        edited = _removed(Source(source), lines, imports)
    except Unclear as problem:
        return CannotEdit(str(problem), "\n".join(lines))
    return AlreadyThere() if edited is None else Edited(edited)


def _added(text: Source, lines: Sequence[str], imports: Sequence[str]) -> str | None:
    settings = _class(text.tree)
    wanted, known = _names(lines), _attributes(settings)
    if wanted <= known.keys():
        return None
    if taken := sorted(wanted & known.keys()):
        raise Unclear(f"there is a setting `{taken[0]}` already")
    body = settings.body
    last = max(body.index(node) for node in known.values()) if known else 0
    is_documented = last + 1 < len(body) and _is_text(body[last + 1]) and known
    after = body[last + 1] if is_documented else body[last]
    if not known and not _is_text(after):
        raise Unclear(f"line {settings.lineno} has no setting to go behind")
    indent = text.indent_of(after)
    text.alone_on_lines(after)
    text.insert(end_of(after), "\n".join(["", *(f"{indent}{line}" for line in lines)]))
    for line in imports:
        insert_import(text, line)
    edited = text.edited()
    if not wanted <= _attributes(_class(Source(edited).tree)).keys():
        raise Unclear("there is no telling where a line would end up")
    return edited


def _removed(text: Source, lines: Sequence[str], imports: Sequence[str]) -> str | None:
    settings = _class(text.tree)
    known = _attributes(settings)
    nodes = [known[name] for name in _names(lines) if name in known]
    if not nodes:
        return None
    for node in nodes:
        text.delete(*text.alone_on_lines(node))
    first = min(node.lineno for node in nodes)
    if text.is_blank(first - 1):
        text.delete(first - 1, first - 1)
    _remove_imports(text, nodes, imports)
    edited = text.edited()
    _class(Source(edited).tree)
    return edited


def _remove_imports(text: Source, nodes: Sequence[ast.stmt], imports: Sequence[str]) -> None:
    gone = sum((used_names(node) for node in nodes), used_names(ast.Module([], [])))
    for line in imports:
        module, name = line.split()[1], line.split()[3]
        if used_names(text.tree)[name] > gone[name]:
            continue
        of_module = [
            node
            for node in text.tree.body
            if isinstance(node, ast.ImportFrom) and node.module == module
        ]
        for node in of_module:
            if name in [alias.name for alias in node.names]:
                remove_name(text, node, name)


def _class(tree: ast.Module) -> ast.ClassDef:
    """The class of the settings."""
    bound = dict(bindings(tree, "app"))
    core = {name for name, of in bound.items() if of == CORE}
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in core for base in node.bases)
    ]
    named = [node for node in found if node.name == "Settings"] or found
    if len(named) != 1:
        raise Unclear("there is no one class of settings that derives from `CoreSettings`")
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
