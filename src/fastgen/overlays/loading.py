"""Reads an overlay from its source into memory, before anything is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastgen.errors import BadInput, Refused
from fastgen.overlays.folder_files import (
    HASH_PREFIX,
    FileContent,
    Files,
    content_hash,
    read_files,
)
from fastgen.overlays.git_files import is_release, newest_release, read_commit
from fastgen.overlays.source import Source, parse_source
from fastgen.project.request import Overlay, OverlayAnswer

_CONFIGURATION = re.compile(r"copier\.ya?ml", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedOverlay:
    """A template and its origin, as the state records it."""

    shown: str
    """Its name in messages."""
    source: str
    ref: str
    commit: str
    files: Files
    answers: Mapping[str, OverlayAnswer] = field(default_factory=dict)
    """Recorded answers to its questions."""


def load_overlay(text: str, target: Path) -> LoadedOverlay:
    """Read the template that `SOURCE[@REF]` means, for a project in the folder `target`.

    Raises:
        BadInput: there is no such folder, repository or ref.
        EnvironmentFault: git is needed and not installed.
        Refused: the repository does not answer, or the template is not safe.
    """
    return _load(parse_source(text, Path.cwd()), target)


def load_recorded(overlay: Overlay, base: Path, target: Path) -> LoadedOverlay:
    """Read an overlay of another project at its recorded commit, with its recorded answers.

    Args:
        overlay: as the state records it; without a commit, it is read as it is now.
        base: the folder that a relative path starts from.
        target: the folder of the new project.

    Raises:
        BadInput: there is no such folder, repository or commit.
        EnvironmentFault: git is needed and not installed.
        Refused: the folder has changed, the repository does not answer, the template is not safe.
    """
    is_folder = overlay.commit.startswith(HASH_PREFIX)
    ref = overlay.ref if is_folder else overlay.commit or overlay.ref
    source = parse_source(f"{overlay.source}@{ref}" if ref else overlay.source, base)
    loaded = _load(source, target)
    if overlay.commit not in ("", loaded.commit):
        raise Refused(
            f"The overlay `{source.shown}` has changed since it was recorded.",
            "Restore it, or pass `--overlay` to render it as it is now.",
        )
    return replace(loaded, ref=overlay.ref, answers=overlay.answers)


def load_again(overlay: Overlay, root: Path) -> LoadedOverlay | None:
    """Read an overlay of the project in `root` at its recorded commit.

    None, if it is a folder whose content has changed: there is no other copy of it.

    Raises:
        EnvironmentFault: git is needed and not installed.
        Refused: there is no such folder, repository or commit any more.
    """
    is_folder = overlay.commit.startswith(HASH_PREFIX)
    loaded = _load_from(overlay, overlay.ref if is_folder else overlay.commit, root)
    if is_folder and loaded.commit != overlay.commit:
        return None
    return replace(loaded, ref=overlay.ref)


def load_newest(overlay: Overlay, root: Path) -> LoadedOverlay:
    """Read an overlay as it is now: a folder, a branch, or the newest release if it was at one.

    Raises:
        EnvironmentFault: git is needed and not installed.
        Refused: there is no such folder, repository or ref any more.
    """
    ref = overlay.ref
    if is_release(ref):
        ref = newest_release(_source(overlay, ref, root)) or ref
    return _load_from(overlay, ref, root)


def _load_from(overlay: Overlay, ref: str, root: Path) -> LoadedOverlay:
    try:
        loaded = _load(_source(overlay, ref, root), root)
    except BadInput as error:
        raise Refused(error.message, error.hint) from None
    return replace(loaded, source=overlay.source, answers=overlay.answers)


def _source(overlay: Overlay, ref: str, root: Path) -> Source:
    try:
        return parse_source(f"{overlay.source}@{ref}" if ref else overlay.source, root)
    except BadInput as error:
        raise Refused(
            error.message, "Restore it, or correct its `source` in `.fastgen.toml`."
        ) from None


def _load(source: Source, target: Path) -> LoadedOverlay:
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
