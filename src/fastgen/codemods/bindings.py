"""The names of a module: what imports bind them to, and how often they are used."""

import ast
from collections import Counter, deque
from collections.abc import Iterator, Mapping

Import = ast.Import | ast.ImportFrom


def walk_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree in the order of `ast.walk`, without expressions, most of its nodes."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        inner = ast.iter_child_nodes(node)
        waiting.extend(each for each in inner if not isinstance(each, ast.expr))


def bindings(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    """Names and the objects that imports bind them to: `orders`, `app.api.v1.orders.router`.

    Args:
        tree: a module.
        package: its package, which relative imports start from.
    """
    for node in walk_statements(tree):
        if isinstance(node, ast.ImportFrom):
            module = absolute(node, package)
            for alias in node.names:
                yield alias.asname or alias.name, f"{module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
                else:
                    root = alias.name.partition(".")[0]
                    yield root, root


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The module of a `from` import, without leading dots."""
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def meaning(node: ast.AST, bound: Mapping[str, str]) -> str:
    """The imported object that an expression such as `orders.router` names; else nothing."""
    match node:
        case ast.Name(id=name):
            return bound.get(name, "")
        case ast.Attribute(value=value, attr=name):
            inner = meaning(value, bound)
            return f"{inner}.{name}" if inner else ""
    return ""


def imported_names(tree: ast.Module, package: str) -> dict[str, str]:
    """The names that imports at the top level bind, and the objects."""
    imports = [node for node in tree.body if isinstance(node, Import)]
    return dict(bindings(ast.Module([*imports], []), package))


def bound_names(tree: ast.Module) -> set[str]:
    """Names that imports, assignments, definitions or parameters bind, anywhere in the module."""
    found = own_names(tree)
    for node in walk_statements(tree):
        if isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found


def own_names(tree: ast.Module) -> set[str]:
    """Names that assignments, definitions or parameters bind."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                found.add(name)
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
    return found


def used_names(tree: ast.AST) -> Counter[str]:
    """Count the reads of each name, and its exports by `__all__`."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load() | ast.Del()):
                found[name] += 1
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                texts = [each.value for each in ast.walk(value) if isinstance(each, ast.Constant)]
                found.update(text for text in texts if isinstance(text, str))
    return found


def blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements: those of the module first, then those within."""
    for node in walk_statements(tree):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if isinstance(block, list):
                yield block
