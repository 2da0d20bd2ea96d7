"""Reads an overlay from its source into memory, before anything is written."""

import re
from dataclasses import dataclass
from pathlib import Path

from fastgen.errors import Refused
from fastgen.overlays.folder_files import FileContent, Files, content_hash, read_files
from fastgen.overlays.git_files import read_commit
from fastgen.overlays.source import Source, parse_source

_CONFIGURATION = re.compile(r"copier\.ya?ml", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedOverlay:
    """A template and its origin, as the state records it."""

    shown: str
    """How messages call it."""
    source: str
    ref: str
    commit: str
    files: Files


def load_overlay(text: str, target: Path) -> LoadedOverlay:
    """Read the template that `SOURCE[@REF]` means, for a project in the folder `target`.

    Raises:
        BadInput: there is no such folder, repository or ref.
        EnvironmentFault: git is needed and not installed.
        Refused: the repository does not answer, or the template is not safe.
    """
    source = parse_source(text, Path.cwd())
    recorded = source.recorded(target)
    try:
        commit, files = _read(source, target)
        _check_configuration(files)
    except Refused as error:
        if source.shown in error.message:
            raise
        raise Refused(
            f"The overlay `{source.shown}` is refused: {error.message}", error.hint
        ) from None
    return LoadedOverlay(
        shown=source.shown, source=recorded, ref=source.ref, commit=commit, files=files
    )


def _read(source: Source, target: Path) -> tuple[str, dict[str, FileContent]]:
    if source.is_git or source.folder is None:
        return read_commit(source)
    if target.is_relative_to(source.folder):
        raise Refused("The project would be inside of it.", "Choose another `--dir`.")
    files = read_files(source.folder, ignored=[".git"])
    return content_hash(files), files


def _check_configuration(files: Files) -> None:
    found = [path for path in files if _CONFIGURATION.fullmatch(path)]
    if not found:
        raise Refused("It has no `copier.yml`.", "Name the root of a Copier template.")
    if len(found) > 1:
        raise Refused(f"It has both `{found[0]}` and `{found[1]}`.", "Remove one of them.")
