"""A Python text that is edited by whole lines: every other byte stays.

Lines are numbered as `ast` does it. Inserting and deleting are noted first, and done together.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from fastgen.codemods.edit_result import Unclear
from fastgen.rendering.layout import lay_out

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_BOM = "\ufeff"


class Source:
    """The text of a module, and what is to be done to it."""

    def __init__(self, text: str) -> None:
        """Read a text.

        Raises:
            Unclear: it is not valid Python.
        """
        self._text = text
        self.lines: list[str] = _LINE.findall(text.removeprefix(_BOM))
        try:
            self.tree = ast.parse(text.removeprefix(_BOM))
        except (SyntaxError, ValueError, RecursionError) as error:
            line = getattr(error, "lineno", None) or 1
            raise Unclear(f"line {line} is not valid Python") from None
        self._inserted: list[tuple[int, str]] = []
        self._deleted: set[int] = set()
        self._replaced: dict[int, str] = {}

    def insert(self, after: int, text: str) -> None:
        """Insert whole lines below line number `after`."""
        self._inserted.append((after, text))

    def replace(self, line: int, text: str) -> None:
        """Give a line another text."""
        self._replaced[line] = text

    def delete(self, first: int, last: int) -> None:
        """Take whole lines away."""
        self._deleted.update(range(first, last + 1))

    def line(self, number: int) -> str:
        """A line without its end."""
        return self.lines[number - 1].rstrip("\r\n")

    def is_blank(self, number: int) -> bool:
        return 1 <= number <= len(self.lines) and not self.line(number).strip()

    def edited(self) -> str:
        """The text as it is to be."""
        out: list[str] = []
        self._append_inserted(out, 0)
        for number, line in enumerate(self.lines, 1):
            if number in self._replaced:
                end = line[len(line.rstrip("\r\n")) :]
                out.append(self._replaced[number] + end)
            elif number not in self._deleted:
                out.append(line)
            self._append_inserted(out, number)
        bom = _BOM if self._text.startswith(_BOM) else ""
        return bom + "".join(out)

    def _append_inserted(self, out: list[str], number: int) -> None:
        for after, text in self._inserted:
            if after == number:
                if out and not out[-1].endswith(("\n", "\r")):
                    out[-1] += self._newline(number)
                    out.append(lay_out(text).replace("\n", self._newline(number)))
                else:
                    newline = self._newline(number)
                    out += [part + newline for part in lay_out(text).split("\n")]

    def _newline(self, number: int) -> str:
        """How the lines around there end."""
        for line in [*reversed(self.lines[:number]), *self.lines[number:]]:
            if ending := line[len(line.rstrip("\r\n")) :]:
                return ending
        return "\n"

    def alone_on_lines(self, node: ast.stmt) -> tuple[int, int]:
        """The first and the last line of a statement that shares them with nothing else.

        Raises:
            Unclear: it does share them.
        """
        first, last = node.lineno, end_of(node)
        before = self.lines[first - 1].encode()[: node.col_offset].decode()
        after = self.lines[last - 1].encode()[node.end_col_offset or 0 :].decode()
        if before.strip() or not re.fullmatch(r"\s*(#.*)?\s*", after):
            raise Unclear(f"line {first} holds more than one statement")
        return first, last

    def indent_of(self, node: ast.stmt) -> str:
        """The blanks in front of a statement.

        Raises:
            Unclear: there is something else.
        """
        indent = self.lines[node.lineno - 1].encode()[: node.col_offset].decode()
        if indent.strip():
            raise Unclear(f"line {node.lineno} holds more than one statement")
        return indent.lstrip("\f")


def end_of(node: ast.stmt | ast.expr) -> int:
    return node.end_lineno or node.lineno


def statements(tree: ast.AST) -> Counter[str]:
    """The simple statements of a module, wherever they are, to be compared."""
    return Counter(
        ast.dump(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not hasattr(node, "body")
    )


def check_added(before: ast.AST, edited: str, texts: Iterable[str]) -> None:
    """Make sure that an edit has added these statements, and has changed nothing else.

    Raises:
        Unclear: it has not, for a reason that nobody thought of.
    """
    _check(statements(ast.parse(edited.removeprefix(_BOM))), statements(before), texts)


def check_removed(before: ast.AST, edited: str, texts: Iterable[str]) -> None:
    """Make sure that an edit has removed these statements, and has changed nothing else."""
    _check(statements(before), statements(ast.parse(edited.removeprefix(_BOM))), texts)


def _check(more: Counter[str], less: Counter[str], texts: Iterable[str]) -> None:
    difference = sum((statements(ast.parse(text)) for text in texts), Counter[str]())
    if more != less + difference:
        raise Unclear("there is no telling where a line would end up")


def bound_names(tree: ast.Module) -> set[str]:
    """What is called something in the module, at its top level or below."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.alias():
                names.add((node.asname or node.name).partition(".")[0])
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                names.add(name)
    return names


def used_names(tree: ast.AST) -> Counter[str]:
    """How often each name is read."""
    return Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    )


def blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """The list of statements of the module, then those of its functions."""
    yield tree.body
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.body
