"""The paths through statements: which of them leave a function, and where."""

import ast
from collections.abc import Iterable, Iterator

SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def own_nodes(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of statements, without those inside of functions and classes."""
    for node in statements:
        yield node
        if not isinstance(node, SCOPES):
            yield from own_nodes(ast.iter_child_nodes(node))


def returns_of(statements: Iterable[ast.stmt]) -> list[ast.Return]:
    """The `return` statements among them, at any depth."""
    return [node for node in own_nodes(statements) if isinstance(node, ast.Return)]


def never_ends(block: Iterable[ast.stmt]) -> bool:
    """Whether no path reaches the end of a block."""
    return any(_leaves(node) for node in block)


def _leaves(node: ast.stmt) -> bool:
    match node:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return True
        case ast.If(body=body, orelse=orelse):
            return never_ends(body) and never_ends(orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return never_ends(body)
        case ast.Try() | ast.TryStar():
            handlers = all(never_ends(handler.body) for handler in node.handlers)
            tried = never_ends([*node.body, *node.orelse])
            return never_ends(node.finalbody) or (tried and handlers)
        case ast.While(test=ast.Constant(value=value), body=body) if value:
            return not any(isinstance(inner, ast.Break) for inner in own_nodes(body))
    return False
