"""Compares a project before and after an overlay was rendered, and checks each difference."""

import os
from collections.abc import Sequence

from fastgen.errors import Refused
from fastgen.overlays.folder_files import FileContent, Files, check_limits
from fastgen.overlays.paths import check_cases, check_output_path, matches, shown

SHOWN = 5
"""Paths that a message names."""


def checked_changes(
    before: Files, after: Files, allowed: Sequence[str], temporary: str
) -> dict[str, FileContent]:
    """The files that an overlay adds or replaces.

    Args:
        before: the files of the project.
        after: the same with the overlay.
        allowed: paths and globs of files that it may replace.
        temporary: the folder in which it was rendered; no file may have its path.

    Raises:
        Refused: the overlay does what it may not do.
    """
    changes = {path: file for path, file in after.items() if file != before.get(path)}
    for path in changes:
        check_output_path(path)
    if deleted := [path for path in before if path not in after]:
        raise Refused(
            f"It deletes {_listed(deleted)}.", "An overlay can add and replace files only."
        )
    if replaced := [path for path in changes if path in before and not matches(path, allowed)]:
        raise Refused(
            f"It would replace {_listed(replaced)}.",
            f"To allow it, pass `--overlay-replaces {shown(replaced[0])}`, or list the path under "
            "`_overwrite` in the `copier.yml`.",
        )
    check_cases(after)
    check_limits(len(changes), sum(len(file.content) for file in changes.values()))
    for path, file in changes.items():
        if os.fsencode(temporary) in file.content:
            raise Refused(
                f"It writes a path of this machine into `{shown(path)}`.",
                "Use no paths from `_copier_conf` or `_copier_answers` in the template.",
            )
    return changes


def _listed(paths: Sequence[str]) -> str:
    names = [f"`{shown(path)}`" for path in paths[:SHOWN]]
    if len(paths) > SHOWN:
        names.append(f"{len(paths) - SHOWN} more")
    return ", ".join(names)
