"""Patterns whose files a project has, although its state lacks them: somebody edited the state."""

from collections.abc import Collection, Iterator
from pathlib import Path

from fastgen.project.patterns import names
from fastgen.project.state import STATE_FILE, State
from fastgen.rendering.template_folder import templates
from fastgen.report import Finding


def unrecorded_patterns(root: Path, state: State, known: Collection[str]) -> Iterator[Finding]:
    """The patterns that are not recorded, and of which most files are there.

    Args:
        root: the project.
        state: its state.
        known: the paths that fastgen writes, as the state describes them.
    """
    for name in names():
        if name in state.answers.patterns:
            continue
        own = [path for path in _files_of(name) if path not in known]
        if 2 * sum((root / path).is_file() for path in own) > len(own):
            yield Finding(
                "state",
                f"`{STATE_FILE}` lacks the pattern `{name}`, whose files are there.",
                f"Restore it from version control, or write `{name}` into its `patterns`.",
            )


def _files_of(pattern: str) -> Iterator[str]:
    folder = templates() / "patterns" / pattern / "files"
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix().removesuffix(".jinja")
