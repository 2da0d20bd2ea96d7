"""Finds what is wrong with a project. Nothing is imported from the project, and nothing changed."""

from collections.abc import Iterator
from pathlib import Path

from fastgen import __version__
from fastgen.diagnosis.broken_imports import broken_imports
from fastgen.diagnosis.editable_lists import uneditable_lists
from fastgen.diagnosis.missing_files import conflict_markers, files_left_out, missing_files
from fastgen.diagnosis.python_version import old_python
from fastgen.diagnosis.reachability import unreachable_servers
from fastgen.diagnosis.settings_names import unequal_settings
from fastgen.diagnosis.unrecorded_patterns import unrecorded_patterns
from fastgen.errors import FastgenError, NotAProject
from fastgen.migrations.revisions import head, read_revisions
from fastgen.planning.project_modules import ProjectModules
from fastgen.planning.project_tree import project_tree
from fastgen.planning.recorded_operations import check_recorded
from fastgen.planning.recorded_tree import is_older_release, recorded_tree
from fastgen.project.state import OPERATIONS, State, read_state
from fastgen.report import Finding
from fastgen.transaction import check_leftovers, interrupted_edits

__all__ = ["diagnose"]


def diagnose(root: Path) -> Iterator[Finding]:
    """The findings in the project at `root`."""
    yield from _interrupted(root)
    about_state = [*_state(root)]
    yield from about_state
    yield from conflict_markers(root)
    project = ProjectModules(root)
    yield from broken_imports(root, project, [each.summary for each in about_state])
    yield from _migrations(root)
    yield from uneditable_lists(root)
    yield from unequal_settings(root, project)
    yield from old_python(root)
    yield from unreachable_servers(root)


def _interrupted(root: Path) -> Iterator[Finding]:
    try:
        check_leftovers(root)
    except NotAProject as error:
        yield Finding("leftover", error.message, error.hint)
    for name in interrupted_edits(root):
        yield Finding(
            "interrupted-edit",
            f"A command was killed while it changed files, and has left `{name}`.",
            "Finish it with any command that changes the project: `fastgen add middleware cors`.",
        )


def _state(root: Path) -> Iterator[Finding]:
    if left_out := [*files_left_out(root, [OPERATIONS])]:
        yield from left_out
        return
    try:
        state = read_state(root)
        check_recorded(root, state)
        is_older = is_older_release(state)
        tree = recorded_tree(state) if is_older else project_tree(state)
    except NotAProject as error:
        yield Finding("state", error.message, error.hint)
    except FastgenError as error:
        yield Finding("state", f"The recorded state is damaged: {error.message}", error.hint)
    else:
        if is_older:
            yield Finding(
                "version",
                f"This project is of fastgen {state.version}, and the installed one is"
                f" {__version__}.",
                "Run `fastgen update`; `fastgen update --dry-run` shows what it changes.",
            )
        elif state.version != __version__:
            yield from _unreleased(state)
        yield from unrecorded_patterns(root, state, tree)
        yield from missing_files(root, tree, state.answers.name)


def _unreleased(state: State) -> Iterator[Finding]:
    try:
        recorded_tree(state)
    except FastgenError as error:
        yield Finding("version", error.message, error.hint)


def _migrations(root: Path) -> Iterator[Finding]:
    try:
        head(read_revisions(root))
    except FastgenError as error:
        hint = error.hint.replace(", then run the command again", "")
        yield Finding("migrations", error.message, hint)
