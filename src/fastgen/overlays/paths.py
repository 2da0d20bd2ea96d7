"""Paths that an overlay can write."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from unicodedata import normalize

from fastgen.errors import Refused
from fastgen.names.reserved import WINDOWS_DEVICES

PROTECTED = (".env", ".fastgen", ".fastgen.toml", ".git")
"""Names in the root of a project that belong to fastgen, to git and to the machine."""

LEFTOVERS = ".fastgen-"
"""The start of the names of folders in which commands work."""

_UNPORTABLE = re.compile(r'[<>:"|?*\\]')
_SHORT_NAME = re.compile(r"git~[0-9]+", re.IGNORECASE)
"""Windows' short names for `.git`."""


def check_template_path(path: str) -> None:
    """Make sure that a file of a template can be written below a folder.

    Raises:
        Refused: it would be outside of the folder, or git would take it for its own.
    """
    for name in path.split("/"):
        if name in ("", ".", "..") or "\0" in name or _is_git(name):
            raise Refused(f"The path `{shown(path)}` is not safe.", "Rename it.")


def check_output_path(path: str) -> None:
    """Make sure that an overlay can write a file of a project.

    Raises:
        Refused: the path is protected, or not possible on all systems.
    """
    names = path.split("/")
    top = names[0].casefold().rstrip(". ")
    if top in PROTECTED or top.startswith(LEFTOVERS) or any(map(_is_git, names)):
        raise Refused(
            f"It writes `{shown(path)}`, which no overlay can write.",
            "Remove this file from the template.",
        )
    for name in names:
        if (
            not name.isprintable()
            or _UNPORTABLE.search(name)
            or name.endswith((".", " "))
            or name.partition(".")[0].rstrip().lower() in WINDOWS_DEVICES
        ):
            raise Refused(
                f"It writes `{shown(path)}`, a name that is not possible on all systems.",
                "Rename this file in the template.",
            )


def check_cases(paths: Iterable[str]) -> None:
    """Make sure that all paths stay apart where the case of letters does not count.

    Raises:
        Refused: two paths, or two of their folders, differ by case alone.
    """
    found: dict[str, str] = {}
    for path in paths:
        names = path.split("/")
        for end in range(1, len(names) + 1):
            part = "/".join(names[:end])
            same = found.setdefault(normalize("NFC", part).casefold(), part)
            if same != part:
                raise Refused(
                    f"It writes `{shown(part)}` beside `{shown(same)}`.",
                    "Use names that differ by more than the case of letters.",
                )


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns is the path, or a glob that matches it; `*` matches `/` too."""
    return any(path == each or fnmatchcase(path, each.removeprefix("./")) for each in patterns)


def shown(text: str) -> str:
    """A text from a template on one line, without control characters and not too long."""
    line = " ".join(text.split())
    line = line if len(line) <= 200 else f"{line[:200]}..."
    return "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in line
    )


def _is_git(name: str) -> bool:
    return name.casefold().rstrip(". ") == ".git" or _SHORT_NAME.fullmatch(name) is not None
