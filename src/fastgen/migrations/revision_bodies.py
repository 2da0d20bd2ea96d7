"""The bodies of revisions, without their identifiers."""

import re

from fastgen.migrations.revisions import Revision
from fastgen.migrations.statements import LIBRARY_TABLES

_IDENTIFIER = re.compile(
    r"""^(revision|down_revision) = (?:None|"[^"\n]*"|'[^'\n]*')$""", re.MULTILINE
)


def body(content: bytes) -> str:
    """A revision without its identifiers."""
    return _IDENTIFIER.sub("", content.decode("utf-8", "replace"))


def plain(content: bytes) -> bytes:
    """The content with line feeds alone."""
    return content.replace(b"\r\n", b"\n")


def is_of_library(content: bytes) -> bool:
    """Whether a revision makes the tables of a library, which no model describes."""
    module = LIBRARY_TABLES.rpartition(".")
    return f"from {module[0]} import {module[2]}\n".encode() in content


def with_identifiers(content: bytes, new: Revision) -> str:
    """The text of a revision with other identifiers."""
    values = new.literals()
    values["revision"] = f'"{values["revision"]}"'
    return _IDENTIFIER.sub(lambda found: f"{found[1]} = {values[found[1]]}", content.decode())
