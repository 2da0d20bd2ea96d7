"""Writes statements of Python as ruff formats them: calls, and blocks of calls."""

import ast
import re
from collections.abc import Sequence

from fastgen.rendering.layout import INDENT, WIDTH
from fastgen.rendering.quoting import python

_PLACEHOLDER = "text_{}_placeholder"
_PLACEHOLDERS = re.compile(r"text_(\d+)_placeholder")
_BRACKETS: dict[type[ast.expr], tuple[str, str]] = {
    ast.List: ("[", "]"),
    ast.Tuple: ("(", ")"),
    ast.Set: ("{", "}"),
    ast.Dict: ("{", "}"),
}


def statement_lines(node: ast.stmt, indent: str = INDENT) -> list[str]:
    """The lines of a statement: a call, or a `with` block of calls."""
    match node:
        case ast.Expr(value=value):
            return _lines(value, indent)
        case ast.With(items=[ast.withitem(context, ast.Name(id=name))], body=body):
            lines = _lines(context, indent, "with ", f" as {name}:")
            return [
                *lines,
                *(line for each in body for line in statement_lines(each, indent + INDENT)),
            ]
    raise TypeError(f"{type(node).__name__} is no call")


def expression(node: ast.expr) -> str:
    """An expression on one line."""
    texts: list[str] = []

    class Placeholders(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.expr:
            if not isinstance(node.value, str):
                return node
            texts.append(node.value)
            return ast.Name(_PLACEHOLDER.format(len(texts) - 1))

    copied = ast.parse(ast.unparse(node), mode="eval").body
    text = ast.unparse(Placeholders().visit(copied))
    return _PLACEHOLDERS.sub(lambda match: python(texts[int(match[1])]), text)


def _lines(node: ast.expr, indent: str, prefix: str = "", suffix: str = "") -> list[str]:
    line = indent + prefix + expression(node) + suffix
    if len(line) <= WIDTH:
        return [line]
    base, chain = _method_chain(node)
    if len(chain) > 1:
        lines = [indent + prefix + expression(base)]
        for call, name in chain:
            end = suffix if call is node else ""
            lines += _call_lines(call, f".{name}(", indent, "", end)
        return lines
    match node:
        case ast.Call(func=function):
            return _call_lines(node, f"{expression(function)}(", indent, prefix, suffix)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            opening, closing = _BRACKETS[type(node)]
            items = [("", each) for each in elements]
        case ast.Dict(keys=keys, values=values):
            opening, closing = _BRACKETS[ast.Dict]
            items = [
                (f"{expression(key)}: " if key else "**", value)
                for key, value in zip(keys, values, strict=True)
            ]
        case _:
            return [line]
    body = _items(items, indent + INDENT)
    return [indent + prefix + opening, *body, indent + closing + suffix]


def _call_lines(node: ast.Call, opening: str, indent: str, prefix: str, suffix: str) -> list[str]:
    items = [("", each) for each in node.args]
    items += [(f"{each.arg}=" if each.arg else "**", each.value) for each in node.keywords]
    inner = ", ".join(name + expression(item) for name, item in items)
    line = f"{indent}{prefix}{opening}{inner}){suffix}"
    if len(line) <= WIDTH:
        return [line]
    head, tail = indent + prefix + opening, f"{indent}){suffix}"
    if items and len(indent + INDENT + inner) <= WIDTH:
        return [head, indent + INDENT + inner, tail]
    return [head, *_items(items, indent + INDENT), tail]


def _method_chain(node: ast.expr) -> tuple[ast.expr, list[tuple[ast.Call, str]]]:
    """The object of a chain of method calls, and each call with the name of its method.

    Only methods of the result of another call count, as in `Text().with_variant(...)`.
    """
    chain: list[tuple[ast.Call, str]] = []
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr=name)):
                chain.insert(0, (node, name))
                node = inner
            case _:
                return node, chain


def _items(items: Sequence[tuple[str, ast.expr]], indent: str) -> list[str]:
    return [line for name, item in items for line in _lines(item, indent, name, ",")]
