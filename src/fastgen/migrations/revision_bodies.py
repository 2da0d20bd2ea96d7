"""The bodies of revisions, without their identifiers."""

import ast
import re

from fastgen.migrations.revisions import Revision
from fastgen.migrations.statements import LIBRARY_TABLES
from fastgen.source_files import NOT_PARSED

_IDENTIFIER = re.compile(
    r"""^(revision|down_revision) = (?:None|"[^"\n]*"|'[^'\n]*')$""", re.MULTILINE
)
_LIBRARY = re.compile(
    r"^\s*from {0} import .*\b{2}\b".format(*LIBRARY_TABLES.rpartition(".")).encode(), re.MULTILINE
)


def body(content: bytes) -> str:
    """A revision without its identifiers."""
    return _IDENTIFIER.sub("", content.decode("utf-8", "replace"))


def code(content: bytes) -> str:
    """A revision without its identifiers, its comments and its formatting."""
    try:
        return ast.dump(ast.parse(body(plain(content))))
    except NOT_PARSED:
        return body(content)


def plain(content: bytes) -> bytes:
    """The content with line feeds alone."""
    return content.replace(b"\r\n", b"\n")


def is_of_library(content: bytes) -> bool:
    """Whether a revision makes the tables of a library, which no model describes."""
    return _LIBRARY.search(content) is not None


def with_identifiers(content: bytes, new: Revision) -> str:
    """The text of a revision with other identifiers."""
    values = new.literals()
    values["revision"] = f'"{values["revision"]}"'
    return _IDENTIFIER.sub(lambda found: f"{found[1]} = {values[found[1]]}", content.decode())
