"""Makes the project that `fastgen new` was asked for, whole or not at all."""

import os
import secrets
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fastgen import __version__, console, git, uv
from fastgen.cli.command_result import CommandResult
from fastgen.cli.new_request import NewOptions, equivalent_command, make_request
from fastgen.cli.remake_request import remake_request
from fastgen.planning.project_tree import project_tree
from fastgen.project import patterns
from fastgen.project.ordering import linked
from fastgen.project.request import NewProject
from fastgen.project.state import State
from fastgen.project.state_files import state_document, state_files
from fastgen.report import File, Report
from fastgen.transaction import staging, write, write_secret

if TYPE_CHECKING:
    from fastgen.overlays import LoadedOverlay

SETUP_WITH_PIP = (
    "python3 -m venv .venv && . .venv/bin/activate",
    "python -m pip install --upgrade pip && python -m pip install --editable . --group dev",
)


def run_new(options: NewOptions) -> CommandResult:
    """Make the project, or plan it with `--dry-run`."""
    request = make_request(options) if options.recorded is None else remake_request(options)
    project = request.project
    overlays = _loaded(project)
    report = _planned(project, overlays) if options.dry_run else _made(project, overlays)

    def show() -> None:
        for sentence in patterns.needs_sentences(request.patterns):
            console.show_line(sentence)
        levels = None if options.dry_run else 2
        console.show_tree(project.target.name, report.files, levels=levels)
        if not options.dry_run:
            console.show_commands("Next:", report.next)
        if request.was_asked:
            console.show_commands("The same without questions:", [equivalent_command(project)])

    return CommandResult(report, show, options.json)


def _loaded(project: NewProject) -> "list[LoadedOverlay]":
    """Read the overlays before anything is written: a folder may be the parent of the project."""
    options = project.overlays
    if not (options.sources or options.recorded):
        return []
    from fastgen.overlays import load_overlay, load_recorded  # inside: most projects have none

    return [
        *(load_recorded(each, options.base, project.target) for each in options.recorded),
        *(load_overlay(source, project.target) for source in options.sources),
    ]


def _planned(project: NewProject, overlays: "Sequence[LoadedOverlay]") -> Report:
    with TemporaryDirectory(prefix="fastgen-") as folder:
        files, state = _fill(Path(folder), project, overlays, run_tasks=False)
    return replace(_report(project, files, planned=True), state=state_document(state))


def _made(project: NewProject, overlays: "Sequence[LoadedOverlay]") -> Report:
    if project.install:
        uv.require_uv()
    with staging(project.target) as folder:
        files, _ = _fill(folder, project, overlays)
        if project.git:
            git.init_repository(folder)
        if project.install:
            uv.install(folder)
    return _report(project, files)


def _fill(
    folder: Path,
    project: NewProject,
    overlays: "Sequence[LoadedOverlay]",
    *,
    run_tasks: bool = True,
) -> tuple[list[File], State]:
    """Write the whole project into an empty folder; its files and its state."""
    answers = project.answers
    state = State(__version__, answers, linked(project.operations))
    write(folder, project_tree(state, is_new=True))
    if overlays:
        from fastgen.overlays import render_overlays

        recorded = render_overlays(folder, overlays, answers, project.overlays, run_tasks=run_tasks)
        state = replace(state, overlays=recorded)
    write(folder, {path: text.encode() for path, text in state_files(state).items()})
    write_secret(folder / ".env", _own_settings())
    files = [
        File(path.relative_to(folder).as_posix(), "create", path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return files, state


def _own_settings() -> str:
    return f"# Settings of this machine alone.\nSECRET_KEY={secrets.token_urlsafe(32)}\n"


def _report(project: NewProject, files: Sequence[File], *, planned: bool = False) -> Report:
    return Report(
        command="new",
        status="planned" if planned else "done",
        path=project.target,
        patterns=project.answers.patterns,
        files=files,
        next=_next(project),
    )


def _next(project: NewProject) -> list[str]:
    """The next commands, with the programs that are installed."""
    chosen = [
        pattern for pattern in patterns.all_patterns() if pattern.name in project.answers.patterns
    ]
    further = [pattern.setup for pattern in chosen if pattern.setup]
    has_uv = shutil.which("uv") is not None
    if has_uv and shutil.which("just"):  # the recipes call uv
        install, start = ["just setup"], "just dev"
        further = further if project.install else []  # its `setup` does that too
    elif has_uv:
        install, start = ["uv sync"], "uv run fastapi dev"
    else:
        install, start = list(SETUP_WITH_PIP), "fastapi dev"
    if has_uv:
        further = [f"uv run {command}" for command in further]
    folder = os.path.relpath(project.target)
    enter = [] if folder == os.curdir else [f"cd {shlex.quote(folder)}"]
    return [*enter, *([] if project.install else install), *further, start]
