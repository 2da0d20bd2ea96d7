"""The settings that `.env.example` and the classes of settings have, by parsing alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from fastgen.codemods.bindings import walk_statements
from fastgen.middleware.edits import ENVIRONMENT
from fastgen.planning.project_modules import ProjectModules
from fastgen.report import Finding
from fastgen.source_files import PACKAGE, read_file

BASES = ("BaseSettings", "EnvironmentSettings")

_ASSIGNMENT = re.compile(r"^(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=", re.MULTILINE)
_COMMENTED = re.compile(r"^#[ \t]*([A-Za-z_]\w*)=", re.MULTILINE)


def unequal_settings(root: Path, project: ProjectModules) -> Iterator[Finding]:
    """The settings that only one side has. Without the file, or with broken code, none."""
    trees = {}
    folders = (root / PACKAGE, root / "src" / PACKAGE)
    for path in (path for folder in folders for path in sorted(folder.rglob("*.py"))):
        place = path.relative_to(root).as_posix()
        if (tree := project.tree(place)) is None:
            return  # another check reports it
        trees[place] = tree
    try:
        example = read_file(root / ENVIRONMENT).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return
    listed = {name.upper() for name in _ASSIGNMENT.findall(example)}
    defined = {name: path for path, each in _classes(trees) for name in _settings(each)}
    shown = {name.upper() for name in _COMMENTED.findall(example)}
    for name in sorted(defined.keys() - listed - shown):
        yield Finding(
            "settings",
            f"`{ENVIRONMENT}` lacks `{name}`, a setting of `{defined[name]}`.",
            f"Add the line `{name}=` with its default.",
        )
    for name in sorted(listed - defined.keys()):
        if name.partition("__")[0] not in defined:  # a member of a nested setting
            yield Finding(
                "settings",
                f"`{ENVIRONMENT}` has `{name}`, which no class of settings in `{PACKAGE}/` has.",
                f"Remove the line, or add the setting to `{PACKAGE}/settings.py`.",
            )


def _classes(trees: dict[str, ast.Module]) -> Iterator[tuple[str, ast.ClassDef]]:
    """The classes of settings with their files: those that derive from one, by name."""
    waiting = [
        (path, node)
        for path, tree in trees.items()
        for node in walk_statements(tree)
        if isinstance(node, ast.ClassDef)
    ]
    known = {*BASES}
    while found := [each for each in waiting if known & _bases(each[1])]:
        known |= {node.name for _, node in found}
        waiting = [each for each in waiting if each not in found]
        yield from found


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def _settings(node: ast.ClassDef) -> Iterator[str]:
    """The variables of the environment that a class reads."""
    prefix = _text_in(node, "env_prefix")
    for each in node.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                if not name.startswith("_") and "ClassVar" not in ast.unparse(annotation):
                    alias = _text_in(each, "validation_alias") or _text_in(each, "alias")
                    yield (alias or f"{prefix}{name}").upper()


def _text_in(node: ast.AST, keyword: str) -> str:
    """The text that a call inside of a statement has for a keyword, if it is a literal."""
    for each in ast.walk(node):
        match each:
            case ast.keyword(arg=arg, value=ast.Constant(value=str(text))) if arg == keyword:
                return text
    return ""
