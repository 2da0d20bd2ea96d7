"""Renders overlays on top of the files of a project that is not written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen.overlays.folder_files import read_files
from fastgen.overlays.loading import LoadedOverlay
from fastgen.overlays.overlay_renderer import render_overlays
from fastgen.project.request import Answers, Overlay, OverlayOptions
from fastgen.transaction import write


def overlaid_tree(
    tree: Mapping[str, bytes],
    overlays: Sequence[LoadedOverlay],
    answers: Answers,
    options: OverlayOptions,
    *,
    version: str,
) -> tuple[dict[str, bytes], tuple[Overlay, ...]]:
    """The files with the overlays, and what the state records of them; no tasks run.

    Args:
        tree: the files of a project.
        overlays: in the order of rendering.
        answers: those of the project.
        options: what the overlays may do.
        version: of fastgen, which templates have as data.

    Raises:
        BadInput: an answer is missing or not valid.
        Refused: an overlay fails, or does what it may not do.
    """
    with TemporaryDirectory(prefix="fastgen-") as name:
        folder = Path(name)
        write(folder, tree)
        recorded = render_overlays(
            folder, overlays, answers, options, run_tasks=False, again=True, version=version
        )
        files = read_files(folder)
    return {path: file.content for path, file in files.items()}, recorded
