"""Imports of modules and names that the project does not have, by parsing alone."""

from collections.abc import Collection, Iterator
from pathlib import Path

from fastgen.diagnosis.missing_files import summary_of
from fastgen.planning.import_scan import files_with_imports
from fastgen.planning.project_modules import ProjectModules
from fastgen.planning.unresolved_imports import unresolved_imports
from fastgen.report import Finding
from fastgen.source_files import PACKAGE

MIGRATIONS = "migrations"


def broken_imports(
    root: Path, project: ProjectModules, reported: Collection[str]
) -> Iterator[Finding]:
    """The first import of each module, and of each name, that is not there, in each file.

    Args:
        root: the project.
        project: its modules.
        reported: sentences about files that are known to be missing: their imports are not listed.
    """
    if not (root / PACKAGE).is_dir():
        return  # reported as missing
    for path in files_with_imports(root):
        place = path.relative_to(root)
        if place.parts[0] == MIGRATIONS and not any((root / PACKAGE / "db").glob("*.py")):
            continue  # `remove pattern database` keeps them as a history
        where = f"`{place.as_posix()}` imports"
        for line, module, name in unresolved_imports(project, place.as_posix()):
            if name:
                yield _no_name(where, line, module, name)
            elif summary_of(f"{module.replace('.', '/')}.py") not in reported:
                yield _no_module(where, line, module)


def _no_module(where: str, line: int, module: str) -> Finding:
    return Finding(
        "import",
        f"{where} `{module}` in line {line}, but there is no such module.",
        f"Take the import out with what uses it, or restore `{module.replace('.', '/')}.py`.",
    )


def _no_name(where: str, line: int, module: str, name: str) -> Finding:
    return Finding(
        "import",
        f"{where} `{name}` from `{module}` in line {line}, but nothing there has that name.",
        f"Take the import out with what uses it, or define `{name}` in `{module}`.",
    )
