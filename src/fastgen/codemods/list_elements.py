"""Finds a list by the elements that it has, and inserts or removes one of them."""

import ast
from collections.abc import Callable, Iterator

from fastgen.codemods.edit_result import EditRefused
from fastgen.codemods.python_source import Source
from fastgen.codemods.separated_items import Items
from fastgen.rendering.layout import lay_out

ListNode = ast.List | ast.Tuple
IsMember = Callable[[ast.expr], bool]

_STATEMENTS = ast.Return | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr
_AROUND = ast.Call | ast.keyword | ast.Starred | ast.List | ast.Tuple | ast.Dict | ast.BinOp
_CONDITIONS = ast.If | ast.For | ast.AsyncFor | ast.While | ast.match_case | ast.ExceptHandler
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def find_list(tree: ast.Module, is_member: IsMember) -> ListNode:
    """The one list that has members, on no condition.

    A member may itself hold a list with members, as `*([A()] if condition else [])` does.

    Raises:
        EditRefused: there is none, there are several, or it depends on a condition.
    """
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = {
        node: count
        for node in ast.walk(tree)
        if isinstance(node, ListNode) and (count := sum(map(is_member, node.elts)))
    }
    if not found:
        raise EditRefused("there is no list of middleware")
    free = [node for node in found if not _condition(node, parents)]
    chosen = [node for node in free if not _is_inside(node, free, found, parents)]
    chosen = [node for node in chosen if not _is_around(node, chosen, parents)]
    conditional = [
        node for node in found if node not in free and not _ancestors(node, parents) & {*chosen}
    ]
    if len(chosen) + len(conditional) > 1:
        raise EditRefused("there are several lists of middleware")
    if conditional:
        raise EditRefused(f"the list in line {conditional[0].lineno} depends on a condition")
    return chosen[0]


def lists_with(tree: ast.Module, is_member: IsMember) -> list[tuple[ListNode, int]]:
    """The innermost lists that have members, with the index of each member."""
    found = [
        (node, index)
        for node in ast.walk(tree)
        if isinstance(node, ListNode)
        for index, element in enumerate(node.elts)
        if is_member(element)
    ]
    inner = {node for node, _ in found}
    return [
        (node, index)
        for node, index in found
        if not any(each in inner for each in ast.walk(node.elts[index]))
    ]


def unpacked_by(tree: ast.Module, node: ListNode, index: int) -> tuple[ListNode, int]:
    """The element `*([element] if condition else [])` of another list, for such an element.

    Else the given list and index.
    """
    parents = {child: above for above in ast.walk(tree) for child in ast.iter_child_nodes(above)}
    match [*_up(node, parents)][:3]:
        case [ast.IfExp() as choice, ast.Starred() as element, ast.List() | ast.Tuple() as around]:
            other = choice.orelse if choice.body is node else choice.body
            if len(node.elts) == 1 and isinstance(other, ListNode) and not other.elts:
                return around, around.elts.index(element)
    return node, index


def insert_element(source: Source, node: ListNode, index: int, code: str) -> Source:
    """Insert an element before element `index`."""
    replacements = _items(source, node).insertion(index, code, lay_out)
    node.elts.insert(index, expression(code))
    return source.edited(replacements)


def remove_element(source: Source, node: ListNode, index: int) -> Source:
    """Remove an element."""
    is_pair = isinstance(node, ast.Tuple) and len(node.elts) == 2
    replacements = _items(source, node).removal(index, keep_comma=is_pair)
    del node.elts[index]
    return source.edited(replacements)


def expression(code: str) -> ast.expr:
    """The element of a list with this code, which may be `*unpacked`."""
    match ast.parse(f"[{code}]", mode="eval").body:
        case ast.List(elts=[element]):
            return element
    raise ValueError(f"`{code}` is not one element")


def _items(source: Source, node: ListNode) -> Items:
    start, end = source.start(node), source.end(node)
    if source.text[start : start + 1] not in ("[", "("):
        raise EditRefused(f"the tuple in line {node.lineno} has no brackets")
    spans = [(source.start(element), source.end(element)) for element in node.elts]
    return Items(source.text, spans, start + 1, end - 1)


Parents = dict[ast.AST, ast.AST]


def _up(node: ast.AST, parents: Parents) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _ancestors(node: ast.AST, parents: Parents) -> set[ast.AST]:
    return {*_up(node, parents)}


def _condition(node: ast.AST, parents: Parents) -> bool:
    """Whether a list is there only on a condition, or is no part of a value."""
    is_expression = True
    for above in _up(node, parents):
        if isinstance(above, _FUNCTIONS | ast.ClassDef) and not is_expression:
            return False
        if is_expression and isinstance(above, _STATEMENTS):
            is_expression = False
        elif isinstance(above, _CONDITIONS) or (is_expression and not isinstance(above, _AROUND)):
            return True
    return False


def _is_inside(
    node: ListNode, lists: list[ListNode], counts: dict[ListNode, int], parents: Parents
) -> bool:
    """Whether another list that has several members has this one in one of them."""
    around = _ancestors(node, parents)
    return any(other in around and counts[other] > 1 for other in lists)


def _is_around(node: ListNode, lists: list[ListNode], parents: Parents) -> bool:
    """Whether the one member of a list only holds the list that is looked for."""
    return any(node in _ancestors(other, parents) for other in lists)
